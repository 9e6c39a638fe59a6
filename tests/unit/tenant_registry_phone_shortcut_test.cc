// The shortcut says of every number what libphonenumber says of it.

#include "tenant_registry/domain/phone_shortcut.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tenant_registry/domain/phone_library.h"

namespace veille::tenant_registry {
namespace {

constexpr std::array kRegions = {"FR", "GP", "MQ", "GF", "RE", "YT",
                                 "BL", "MF", "PM", "NC", "PF", "WF"};

std::string Parted(const std::string& digits, const std::string& gap, size_t first) {
  std::string text = digits.substr(0, first);
  for (size_t at = first; at < digits.size(); at += 2) text += gap + digits.substr(at, 2);
  return text;
}

// The ways in which registers write the number that these nine digits are.
std::vector<std::string> Shapes(const std::string& nine) {
  return {"0" + nine,
          Parted("0" + nine, " ", 2),
          Parted("0" + nine, ".", 2),
          Parted("0" + nine, "-", 2),
          "0" + nine.substr(0, 3) + " " + nine.substr(3, 3) + " " + nine.substr(6),
          nine,
          Parted(nine, " ", 1),
          "+33" + nine,
          "+33 " + Parted(nine, " ", 1),
          "+33(0)" + nine,
          "+33 (0)" + Parted(nine, " ", 1),
          "+330" + nine,
          "0033" + nine,
          "0033 " + Parted(nine, " ", 1),
          "0033(0)" + nine,
          "00330" + nine};
}

std::string Told(const PhoneNumber& number) {
  return number.e164 + " " + std::to_string(static_cast<int>(number.verdict)) + " " +
         number.original;
}

struct Tally {
  int64_t numbers = 0;
  int64_t shortcuts = 0;
  std::vector<std::string> differences;

  void Compare(const std::string& text, const std::string& region) {
    ++numbers;
    const std::optional<PhoneNumber> shortcut = ReadUsualShape(text, region);
    if (!shortcut.has_value()) return;
    ++shortcuts;
    const PhoneNumber library = AskLibrary(text, region);
    if (Told(*shortcut) != Told(library)) {
      differences.push_back(region + ": " + Told(*shortcut) + " but " + Told(library));
    }
  }
};

// Runs the comparison on two threads, which also share what is remembered.
template <typename Part>
Tally OnTwoThreads(const Part& part) {
  Tally first, second;
  std::thread other([&] { part(1, second); });
  part(0, first);
  other.join();
  first.numbers += second.numbers;
  first.shortcuts += second.shortcuts;
  first.differences.insert(first.differences.end(), second.differences.begin(),
                           second.differences.end());
  return first;
}

void ExpectAgreement(const Tally& tally, double least_share) {
  EXPECT_TRUE(tally.differences.empty())
      << tally.differences.size() << ", the first: " << tally.differences[0];
  EXPECT_GE(static_cast<double>(tally.shortcuts), least_share * static_cast<double>(tally.numbers));
}

std::string Digits(std::mt19937& random, int count) {
  std::string digits;
  for (int i = 0; i < count; ++i) digits += static_cast<char>('0' + random() % 10);
  return digits;
}

// Whoever asks about a range first decides what is remembered of it; any other number of the range,
// in any shape, must get the same answer.
TEST(PhoneShortcutTest, AgreesOnEveryRangeOfAFrenchNumber) {
  const Tally tally = OnTwoThreads([](int thread, Tally& mine) {
    std::mt19937 random(static_cast<unsigned>(thread) + 1);
    for (int range = 10'000 + thread; range < 100'000; range += 2) {
      (void)ReadUsualShape("0" + std::to_string(range) + Digits(random, 4), "FR");
      const auto shapes = Shapes(std::to_string(range) + Digits(random, 4));
      mine.Compare(shapes[random() % shapes.size()], "FR");
    }
  });
  EXPECT_EQ(tally.numbers, 90'000);
  ExpectAgreement(tally, 0.99);
}

TEST(PhoneShortcutTest, AgreesWhereverTheHouseholdLives) {
  const Tally tally = OnTwoThreads([](int thread, Tally& mine) {
    std::mt19937 random(static_cast<unsigned>(thread) + 3);
    for (const char* region : kRegions) {
      for (int i = 0; i < 4'000; ++i) {
        const std::string first = std::to_string(1 + random() % 9);
        // Half of them from the ranges overseas: 02 62, 05 90, 06 92, 06 94, 06 96, …
        constexpr std::array kOverseas = {"262", "263", "269", "508", "590", "594", "596",
                                          "639", "690", "691", "692", "693", "694", "696",
                                          "697", "708", "709", "976", "980"};
        const std::string nine = i % 2 == 0
                                     ? first + Digits(random, 8)
                                     : kOverseas[random() % kOverseas.size()] + Digits(random, 6);
        const auto shapes = Shapes(nine);
        mine.Compare(shapes[random() % shapes.size()], region);
      }
    }
  });
  ExpectAgreement(tally, 0.95);
}

// The ranges for fiction, which the sample register uses: every number of them.
TEST(PhoneShortcutTest, AgreesOnTheNumbersOfTheSample) {
  const Tally tally = OnTwoThreads([](int thread, Tally& mine) {
    std::mt19937 random(static_cast<unsigned>(thread) + 5);
    for (const char* range : {"19900", "26191", "35301", "46571", "53649", "63998"}) {
      for (int number = thread; number < 10'000; number += 2) {
        const auto shapes = Shapes(range + std::to_string(10'000 + number).substr(1));
        mine.Compare(shapes[random() % shapes.size()], "FR");
      }
    }
  });
  EXPECT_EQ(tally.numbers, 60'000);
  ExpectAgreement(tally, 1.0);
}

TEST(PhoneShortcutTest, AgreesOnWhatIsTooShortOrTooLong) {
  const Tally tally = OnTwoThreads([](int thread, Tally& mine) {
    std::mt19937 random(static_cast<unsigned>(thread) + 7);
    for (const char* region : kRegions) {
      for (int i = 0; i < 1'000; ++i) {
        const std::string digits = Digits(random, 1 + static_cast<int>(random() % 22));
        mine.Compare(i % 2 == 0 ? digits : Parted(digits, " ", 2), region);
      }
      for (int short_number = thread; short_number < 1'000; short_number += 2) {
        mine.Compare(std::to_string(short_number), region);
      }
      for (size_t zeros = 1; zeros < 16; ++zeros) mine.Compare(std::string(zeros, '0'), region);
    }
  });
  ExpectAgreement(tally, 0.5);
}

TEST(PhoneShortcutTest, LeavesWhatIsNotUsualToTheLibrary) {
  for (const char* text :
       {"", "+", "-", " 0536491234", "0536491234 ", "05  36 49 12 34", "(0)536491234",
        "05(0)36491234", "+33(0)(0)536491234", "0536491234x12", "+442079460018", "00442079460018",
        "+262692123456", "0536491234#", "1111111111", "0111111111", "05,36,49,12,34"}) {
    EXPECT_FALSE(ReadUsualShape(text, "FR").has_value()) << text;
  }
  EXPECT_FALSE(ReadUsualShape("0536491234", "DE").has_value());
  EXPECT_TRUE(ReadUsualShape("0536491234", "FR").has_value());
}

}  // namespace
}  // namespace veille::tenant_registry
