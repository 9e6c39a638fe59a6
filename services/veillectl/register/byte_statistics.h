#pragma once

// Counts what tells one encoding from another, byte by byte; the reasons are in survey.h.

#include <array>
#include <cstdint>
#include <string_view>

namespace veille::veillectl {

class ByteStatistics {
 public:
  void Add(std::string_view bytes);
  void Finish();  // at the end of the file

  struct Counts {
    int64_t high = 0;      // bytes above 0x7F
    int64_t nul_even = 0;  // NULs, by the parity of their offset
    int64_t nul_odd = 0;
    int64_t foreign = 0;          // high bytes that are not of a UTF-8 sequence
    int64_t latin_sequences = 0;  // UTF-8 sequences of letters and signs of Latin scripts
    int64_t controls = 0;         // 0x80–0x9F
    int64_t dos_letters = 0;      // é, à, ç … of DOS code pages
    int64_t latin9_letters = 0;   // bytes that are letters in ISO-8859-15, used as letters
    int64_t latin9_signs = 0;     // the same bytes, used as signs
    // Offsets; -1 when there is none.
    int64_t first_nul = -1;
    int64_t first_foreign = -1;
    int64_t first_latin_sequence = -1;
    int64_t first_dos_letter = -1;
  };
  const Counts& counts() const { return counts_; }

 private:
  void AddByte(unsigned char byte);
  void AddToSequence(unsigned char byte);
  void EndSequence();
  void AddForeign(int64_t offset);
  void JudgeSign(unsigned char after);

  Counts counts_;
  int64_t offset_ = 0;
  unsigned char last_ = 0;

  // The UTF-8 sequence that has begun.
  std::array<unsigned char, 4> sequence_{};
  size_t have_ = 0;
  size_t want_ = 0;

  // A byte whose meaning depends on its neighbours.
  unsigned char sign_ = 0;
  unsigned char before_sign_ = 0;
};

}  // namespace veille::veillectl
