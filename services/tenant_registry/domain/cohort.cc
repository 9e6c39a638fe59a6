#include "tenant_registry/domain/cohort.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace veille::tenant_registry {
namespace {

using Person = Candidate::Person;
using Number = Candidate::Number;

bool IsSubject(const Person& person) { return person.of_age && !person.objects; }

// In the order of the register.
void SortPersons(std::vector<Person>& persons) {
  std::sort(persons.begin(), persons.end(), [](const Person& one, const Person& other) {
    return std::tie(one.position, one.id) < std::tie(other.position, other.id);
  });
}

// Those of a coordinator first, then in the order of the persons who name them; each hash once.
std::vector<std::string> InOrder(std::vector<Number>& numbers, const std::vector<Person>& persons) {
  const auto place = [&](const Number& number) {
    const auto person = std::find_if(persons.begin(), persons.end(),
                                     [&](const Person& one) { return one.id == number.named_by; });
    return person == persons.end() ? -1 : person - persons.begin();
  };
  std::sort(numbers.begin(), numbers.end(), [&](const Number& one, const Number& other) {
    return std::pair(place(one), one.position) < std::pair(place(other), other.position);
  });
  std::vector<std::string> hashes;
  for (Number& number : numbers) {
    if (std::find(hashes.begin(), hashes.end(), number.hash) == hashes.end()) {
      hashes.push_back(std::move(number.hash));
    }
  }
  return hashes;
}

}  // namespace

bool Candidate::HasSubject() const {
  return !objects && std::any_of(persons.begin(), persons.end(), IsSubject);
}

JudgedHousehold Judge(Candidate candidate) {
  std::vector<Person>& persons = candidate.persons;
  JudgedHousehold judged;
  judged.id = candidate.id;
  judged.version = candidate.version;
  if (std::none_of(persons.begin(), persons.end(), [](const Person& one) { return one.of_age; })) {
    judged.left_out = LeftOutReason::kUnderAge;
  } else if (!candidate.HasSubject()) {
    judged.left_out = LeftOutReason::kObjection;
  } else if (candidate.numbers.empty()) {
    judged.left_out = LeftOutReason::kNoValidPhone;
  }
  if (judged.left_out.has_value()) return judged;
  SortPersons(persons);
  for (const Person& person : persons) {
    if (IsSubject(person)) judged.subjects.push_back(person.id);
  }
  judged.commune_code = std::move(candidate.commune_code);
  judged.time_zone = std::move(candidate.time_zone);
  judged.phone_hashes = InOrder(candidate.numbers, persons);
  return judged;
}

}  // namespace veille::tenant_registry
