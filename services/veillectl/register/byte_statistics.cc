#include "veillectl/register/byte_statistics.h"

#include <cstring>

#include "absl/strings/ascii.h"
#include "veillectl/register/encoding.h"

namespace veille::veillectl {
namespace {

// Letters in Windows-1252 and ISO-8859-15 alike; 0xD7 and 0xF7 are × and ÷.
bool IsLetter(unsigned char byte) {
  return absl::ascii_isalpha(byte) || (byte >= 0xC0 && byte != 0xD7 && byte != 0xF7);
}

bool IsOneOf(unsigned char byte, const char* bytes) {
  return byte != 0 && std::strchr(bytes, static_cast<char>(byte)) != nullptr;
}

size_t SequenceSize(unsigned char first) {
  return first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
}

uint32_t CharacterOf(std::string_view sequence) {
  const auto bits = [&sequence](size_t at) {
    return static_cast<uint32_t>(static_cast<unsigned char>(sequence[at]) & 0x3F);
  };
  if (sequence.size() == 2) {
    return (static_cast<uint32_t>(static_cast<unsigned char>(sequence[0])) & 0x1F) << 6 | bits(1);
  }
  if (sequence.size() == 3) {
    return (static_cast<uint32_t>(static_cast<unsigned char>(sequence[0])) & 0x0F) << 12 |
           bits(1) << 6 | bits(2);
  }
  return 0x10000;
}

// What French text writes and Windows-1252 has.
bool IsLatin(uint32_t character) {
  return (character >= 0xA0 && character <= 0xFF) || character == 0x152 || character == 0x153 ||
         character == 0x160 || character == 0x161 || character == 0x178 || character == 0x17D ||
         character == 0x17E || (character >= 0x2013 && character <= 0x2026) || character == 0x20AC;
}

}  // namespace

void ByteStatistics::Add(std::string_view bytes) {
  for (const char byte : bytes) AddByte(static_cast<unsigned char>(byte));
}

void ByteStatistics::Finish() {
  EndSequence();
  if (sign_ != 0) JudgeSign(0);
}

void ByteStatistics::AddByte(unsigned char byte) {
  if (sign_ != 0) JudgeSign(byte);
  if (byte >= 0x80) {
    ++counts_.high;
    if (byte < 0xA0) ++counts_.controls;
    if (IsOneOf(byte, "\x81\x82\x83\x87\x88\x8D\x8F\x90\x9D")) {
      if (counts_.dos_letters++ == 0) counts_.first_dos_letter = offset_;
    }
    if (byte == 0xA4) ++counts_.latin9_letters;
    if (IsOneOf(byte, "\xA6\xA8\xB8\xBC\xBD\xBE")) {
      sign_ = byte;
      before_sign_ = last_;
    }
    AddToSequence(byte);
  } else {
    if (want_ != 0) EndSequence();
    if (byte == 0) {
      if (counts_.first_nul < 0) counts_.first_nul = offset_;
      ++(offset_ % 2 == 0 ? counts_.nul_even : counts_.nul_odd);
    }
  }
  last_ = byte;
  ++offset_;
}

void ByteStatistics::AddToSequence(unsigned char byte) {
  const bool continues = want_ != 0 && byte < 0xC0;
  if (!continues) {
    EndSequence();
    want_ = SequenceSize(byte);
    if (want_ == 0) return AddForeign(offset_);
  }
  sequence_[have_++] = byte;
  if (have_ < want_) return;
  const std::string_view sequence(reinterpret_cast<const char*>(sequence_.data()), have_);
  const int64_t start = offset_ + 1 - static_cast<int64_t>(have_);
  if (CleanPrefix(sequence) != have_) {
    AddForeign(start);
  } else if (IsLatin(CharacterOf(sequence))) {
    if (counts_.latin_sequences++ == 0) counts_.first_latin_sequence = start;
  }
  have_ = want_ = 0;
}

// A sequence that is broken off was none.
void ByteStatistics::EndSequence() {
  if (have_ > 0) AddForeign(offset_ - static_cast<int64_t>(have_));
  have_ = want_ = 0;
}

void ByteStatistics::AddForeign(int64_t offset) {
  if (counts_.foreign++ == 0) counts_.first_foreign = offset;
}

void ByteStatistics::JudgeSign(unsigned char after) {
  ++(IsLetter(before_sign_) || IsLetter(after) ? counts_.latin9_letters : counts_.latin9_signs);
  sign_ = 0;
}

}  // namespace veille::veillectl
