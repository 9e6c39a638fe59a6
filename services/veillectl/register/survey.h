#pragma once

// The first reading of a register: its hash, and how it writes its characters.
//
// UTF-8 is certain when every byte above 0x7F belongs to a well-formed sequence. Otherwise the file
// is of a single-byte encoding:
//   - Windows-1252 and ISO-8859-15 are the same but for 0x80–0x9F, which are control characters in
//     the latter and do not occur in text, and for A4 A6 A8 B4 B8 BC BD BE: ¤¦¨´¸¼½¾ or €ŠšŽžŒœŸ.
//     A letter beside one of them says that it is a letter (B4 says nothing: d´Artagnan), and
//     nobody writes ¤. Without such a sign both read the same.
//   - The bytes that are é, à or ç in DOS code pages are rare signs in Windows-1252; when they are
//     common the encoding is not guessed.
//   - Windows-1252 text never has the bytes of an accented letter in UTF-8 (Ã©): a file with both
//   is
//     mixed, and refused.

#include <cstdint>

#include "absl/status/statusor.h"
#include "veillectl/register/blocks.h"
#include "veillectl/register/byte_source.h"
#include "veillectl/register/encoding.h"

namespace veille::veillectl {

struct Survey {
  Fingerprint fingerprint;
  int64_t size = 0;

  int mark_size = 0;     // of the byte order mark, which is no text
  bool certain = false;  // there is a byte order mark
  Encoding encoding = Encoding::kUtf8;

  // Why the encoding could not be told, and where; `offset` when `what` is not empty.
  struct Doubt {
    std::string what;
    int64_t offset = 0;
    int64_t other_offset = -1;  // of a file with two encodings: where the other one is
  };
  Doubt doubt;
};

// Errors: a usage error for an empty file, and for one that is no text at all (a spreadsheet, an
// archive); the source's own.
absl::StatusOr<Survey> SurveyFile(ByteSource& source);

}  // namespace veille::veillectl
