#pragma once

// Identifiers: UUIDs of version 7 (RFC 9562), made by the application, ordered by time so that new
// rows lie together in every index.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace veille::ids {

class Uuid {
 public:
  constexpr Uuid() = default;

  // A new identifier, unique without coordination. Thread-safe. Version 7, with the clock to a
  // quarter of a microsecond (RFC 9562, 6.2, method 3): what one process makes one after the other
  // sorts in that order, also within a millisecond.
  static Uuid Random();

  // Reads the canonical form of 36 characters, either case; nothing else is accepted.
  static std::optional<Uuid> Parse(std::string_view text);
  static Uuid FromBytes(const std::array<uint8_t, 16>& bytes) { return Uuid(bytes); }

  std::string ToString() const;  // lower case, 36 characters
  const std::array<uint8_t, 16>& bytes() const { return bytes_; }
  bool is_nil() const { return *this == Uuid(); }

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const Uuid& uuid) {
    return H::combine(std::move(state), uuid.bytes_);
  }

 private:
  explicit constexpr Uuid(const std::array<uint8_t, 16>& bytes) : bytes_(bytes) {}
  std::array<uint8_t, 16> bytes_{};
};

// An identifier that says of what: Id<struct Household> does not convert to Id<struct Tenant>.
template <typename Tag>
class Id {
 public:
  constexpr Id() = default;
  explicit constexpr Id(const Uuid& uuid) : uuid_(uuid) {}

  static Id Random() { return Id(Uuid::Random()); }
  static std::optional<Id> Parse(std::string_view text) {
    const auto uuid = Uuid::Parse(text);
    if (!uuid.has_value()) return std::nullopt;
    return Id(*uuid);
  }

  const Uuid& uuid() const { return uuid_; }
  std::string ToString() const { return uuid_.ToString(); }
  bool is_nil() const { return uuid_.is_nil(); }

  friend auto operator<=>(const Id&, const Id&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const Id& id) {
    return H::combine(std::move(state), id.uuid_);
  }

 private:
  Uuid uuid_;
};

// The words of the programme that have identifiers in more than one service.
using LandlordId = Id<struct LandlordTag>;
using HouseholdId = Id<struct HouseholdTag>;
using TenantId = Id<struct TenantTag>;
using CampaignId = Id<struct CampaignTag>;
using LeaseId = Id<struct LeaseTag>;
using AttemptId = Id<struct AttemptTag>;
using FindingId = Id<struct FindingTag>;
using ReferralId = Id<struct ReferralTag>;
using PartnerId = Id<struct PartnerTag>;
using RequestId = Id<struct RequestTag>;

}  // namespace veille::ids
