// What goes wrong between a client and an import: cut streams, wrong orders, two at once.

#include <gmock/gmock.h>

#include "integration/tenant_registry_fixture.h"
#include "testing/status_matchers.h"
#include "testing/wait_until.h"

namespace veille::tenant_registry {
namespace {

namespace errors_pb = ::veille::common::v1;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;
using ::veille::testing::StatusIs;
using ::veille::testing::WaitUntil;

class ImportStreamTest : public RegistryTest {
 protected:
  static std::vector<pb::RegisterRow> Rows(int count) {
    std::vector<pb::RegisterRow> rows;
    for (int i = 0; i < count; ++i) {
      const std::string n = std::to_string(i);
      rows.push_back(Person("D" + n, "L" + n, "Martin", "Jeanne", "14/05/1940", "0536491234"));
    }
    return rows;
  }
  absl::Status StatusOf(const std::vector<pb::ImportHouseholdsRequest>& messages) {
    ImportStream stream(stub(), Coordinator());
    for (const auto& message : messages) stream.Send(message);
    return stream.Finish();
  }
  static pb::ImportHouseholdsRequest Opening(const pb::ImportHeader& header) {
    pb::ImportHouseholdsRequest request;
    *request.mutable_header() = header;
    return request;
  }
  static pb::ImportHouseholdsRequest Chunk(int64_t number,
                                           const std::vector<pb::RegisterRow>& rows) {
    pb::ImportHouseholdsRequest request;
    request.mutable_chunk()->set_chunk_number(number);
    for (const auto& row : rows) *request.mutable_chunk()->add_rows() = row;
    return request;
  }
  static pb::ImportHouseholdsRequest End(int64_t rows) {
    pb::ImportHouseholdsRequest request;
    request.mutable_end()->set_row_count(rows);
    return request;
  }
  int64_t Households() { return Count("SELECT count(*) FROM households"); }
};

TEST_F(ImportStreamTest, ACutStreamLeavesItsChunksAndGoesOnAfterThem) {
  const auto rows = Rows(10);
  pb::ImportHeader header = ImportStream::Header();
  header.set_complete(true);
  {
    ImportStream stream(stub(), Coordinator());
    stream.Send(header);
    EXPECT_EQ(stream.Receive().accepted().resume_after_chunk(), 0);
    stream.Send(1, {rows.begin(), rows.begin() + 4});
    EXPECT_THAT(stream.Receive().chunk_result().verdicts(), SizeIs(4));
    stream.Cut();
    EXPECT_THAT(stream.Finish(), StatusIs(absl::StatusCode::kCancelled));
  }
  EXPECT_EQ(Households(), 4);
  const Imported rest = Import(stub(), Coordinator(), header, rows, 3);
  ASSERT_THAT(rest.status, IsOk());
  EXPECT_EQ(rest.accepted.resume_after_chunk(), 1);
  EXPECT_EQ(rest.accepted.resume_after_rows(), 4);
  EXPECT_FALSE(rest.accepted.done());
  EXPECT_THAT(rest.verdicts, SizeIs(6));
  EXPECT_EQ(rest.totals.rows(), 10);
  EXPECT_EQ(rest.totals.taken(), 10);
  EXPECT_EQ(rest.totals.households(), 10);
  EXPECT_EQ(Households(), 10);

  // Asked again when it is done, it answers its totals.
  const Imported again = Import(stub(), Coordinator(), header, rows, 3);
  ASSERT_THAT(again.status, IsOk());
  EXPECT_EQ(again.accepted.resume_after_rows(), 10);
  EXPECT_TRUE(again.accepted.done());
  EXPECT_EQ(again.totals.SerializeAsString(), rest.totals.SerializeAsString());
  EXPECT_EQ(again.accepted.import_id(), rest.accepted.import_id());
}

TEST_F(ImportStreamTest, AStreamWithoutItsEndIsIncomplete) {
  const pb::ImportHeader header = ImportStream::Header();
  EXPECT_THAT(StatusOf({Opening(header), Chunk(1, Rows(3))}),
              ReasonIs(errors_pb::ERROR_REASON_IMPORT_INCOMPLETE));
  EXPECT_EQ(Households(), 3);
  EXPECT_THAT(StatusOf({Opening(header), End(4)}),
              ReasonIs(errors_pb::ERROR_REASON_IMPORT_INCOMPLETE));
  EXPECT_THAT(StatusOf({}), ReasonIs(errors_pb::ERROR_REASON_IMPORT_INCOMPLETE));
  EXPECT_THAT(StatusOf({Opening(header), End(3)}), IsOk());
}

TEST_F(ImportStreamTest, ChunksComeInOrder) {
  const pb::ImportHeader header = ImportStream::Header();
  EXPECT_THAT(StatusOf({Opening(header), Chunk(2, Rows(1))}),
              ReasonIs(errors_pb::ERROR_REASON_IMPORT_CHUNK_OUT_OF_ORDER));
  EXPECT_THAT(StatusOf({Opening(header), Chunk(1, Rows(1)), Chunk(1, Rows(1))}),
              ReasonIs(errors_pb::ERROR_REASON_IMPORT_CHUNK_OUT_OF_ORDER));
  EXPECT_THAT(StatusOf({Opening(header), Chunk(2, Rows(1)), End(2)}), IsOk());
  EXPECT_THAT(StatusOf({Opening(header), Chunk(3, Rows(1))}),  // it is done
              ReasonIs(errors_pb::ERROR_REASON_IMPORT_CHUNK_OUT_OF_ORDER));
}

TEST_F(ImportStreamTest, ChunksMayBeSentBeforeTheAnswersToEarlierOnes) {
  const auto rows = Rows(60);
  ImportStream stream(stub(), Coordinator());
  stream.Send(ImportStream::Header());
  for (int64_t number = 1; number <= 20; ++number) {
    const auto begin = rows.begin() + (number - 1) * 3;
    stream.Send(number, {begin, begin + 3});
  }
  stream.SendEnd(60);
  EXPECT_TRUE(stream.Receive().has_accepted());
  for (int64_t number = 1; number <= 20; ++number) {
    EXPECT_EQ(stream.Receive().chunk_result().chunk_number(), number);
  }
  EXPECT_EQ(stream.Receive().totals().taken(), 60);
  EXPECT_THAT(stream.Finish(), IsOk());
}

// The service reads ahead: a chunk that fails ends the stream although nothing more is sent, and
// the client has not closed its side.
TEST_F(ImportStreamTest, AFailureReachesAClientThatWaits) {
  ImportStream stream(stub(), Coordinator());
  stream.Send(ImportStream::Header());
  EXPECT_TRUE(stream.Receive().has_accepted());
  stream.Send(1, Rows(1));
  EXPECT_TRUE(stream.Receive().has_chunk_result());
  stream.Send(3, Rows(1));
  pb::ImportHouseholdsResponse response;
  EXPECT_FALSE(stream.TryReceive(response));
  EXPECT_THAT(stream.Finish(), ReasonIs(errors_pb::ERROR_REASON_IMPORT_CHUNK_OUT_OF_ORDER));
}

TEST_F(ImportStreamTest, ABadMessageLeavesTheChunkBeforeIt) {
  const pb::ImportHeader header = ImportStream::Header();
  EXPECT_THAT(StatusOf({Opening(header), Chunk(1, Rows(3)), Opening(header)}),
              ReasonIs(errors_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_EQ(Households(), 3);
  EXPECT_THAT(StatusOf({Opening(header), End(3)}), IsOk());
}

TEST_F(ImportStreamTest, NothingImportedIsNoSuccess) {
  pb::ImportHeader header = ImportStream::Header();
  ASSERT_THAT(Import(stub(), Coordinator(), header, Rows(2)).status, IsOk());
  for (const bool dry_run : {false, true}) {
    header = ImportStream::Header();
    header.set_complete(true);
    header.set_dry_run(dry_run);
    EXPECT_THAT(StatusOf({Opening(header), End(0)}),
                ReasonIs(errors_pb::ERROR_REASON_IMPORT_EMPTY));
    header.set_request_id(NewId());
    EXPECT_THAT(
        StatusOf({Opening(header), Chunk(1, {Person("D1", "L1", "Martin", "Jeanne", "31/02/1940")}),
                  End(1)}),
        ReasonIs(errors_pb::ERROR_REASON_IMPORT_EMPTY));
  }
  EXPECT_EQ(Count("SELECT count(*) FROM households WHERE state = 1"), 2);
}

TEST_F(ImportStreamTest, OneImportOfALandlordRunsAtATime) {
  ImportStream first(stub(), Coordinator());
  const pb::ImportHeader header = ImportStream::Header();
  first.Send(header);
  first.Receive();
  EXPECT_THAT(StatusOf({Opening(ImportStream::Header("other"))}),
              ReasonIs(errors_pb::ERROR_REASON_IMPORT_CONFLICT));
  // Another landlord's is not in the way.
  const std::string other = CreateLandlord("Autre");
  EXPECT_THAT(
      Import(stub(), {"coordinator", "dominique", other}, ImportStream::Header(), Rows(1)).status,
      IsOk());
  first.Send(1, Rows(2));
  EXPECT_THAT(first.Receive().chunk_result().verdicts(), SizeIs(2));
  first.SendEnd(2);
  EXPECT_EQ(first.Receive().totals().taken(), 2);
  EXPECT_THAT(first.Finish(), IsOk());
  EXPECT_THAT(Import(stub(), Coordinator(), ImportStream::Header("other"), Rows(1)).status, IsOk());
}

TEST_F(ImportStreamTest, AnImportThatWasLeftAloneIsOvertakenAndNotContinued) {
  const pb::ImportHeader header = ImportStream::Header();
  {
    ImportStream stream(stub(), Coordinator());
    stream.Send(header);
    stream.Receive();
    stream.Send(1, Rows(1));
    stream.Receive();
    stream.Cut();
    EXPECT_THAT(stream.Finish(), StatusIs(absl::StatusCode::kCancelled));
  }
  ASSERT_TRUE(WaitUntil(
      [&] { return Count("SELECT count(*) FROM imports WHERE hold_until > veille_now()") == 0; }));
  EXPECT_THAT(Import(stub(), Coordinator(), ImportStream::Header("other"), Rows(2)).status, IsOk());
  EXPECT_THAT(StatusOf({Opening(header)}), ReasonIs(errors_pb::ERROR_REASON_IMPORT_CONFLICT));
}

TEST_F(ImportStreamTest, TheNewestStreamOfAnImportHoldsIt) {
  const pb::ImportHeader header = ImportStream::Header();
  ImportStream first(stub(), Coordinator());
  first.Send(header);
  first.Receive();
  ImportStream second(stub(), Coordinator());
  second.Send(header);
  second.Receive();
  first.Send(1, Rows(2));
  EXPECT_THAT(first.Finish(), ReasonIs(errors_pb::ERROR_REASON_IMPORT_CONFLICT));
  EXPECT_EQ(Households(), 0);
  second.Send(1, Rows(2));
  EXPECT_THAT(second.Receive().chunk_result().verdicts(), SizeIs(2));
}

TEST_F(ImportStreamTest, ARequestIdStandsForOneHeader) {
  pb::ImportHeader header = ImportStream::Header();
  ASSERT_THAT(Import(stub(), Coordinator(), header, Rows(1)).status, IsOk());
  pb::ImportHeader other = header;
  other.set_complete(true);
  EXPECT_THAT(StatusOf({Opening(other)}), ReasonIs(errors_pb::ERROR_REASON_IMPORT_CONFLICT));
  other = header;
  other.set_file_hash(std::string(32, '!'));
  EXPECT_THAT(StatusOf({Opening(other)}), ReasonIs(errors_pb::ERROR_REASON_IMPORT_CONFLICT));
  pb::RecordObjectionRequest objection;
  objection.set_request_id(header.request_id());
  objection.set_household_id(Find("L0").household_id());
  EXPECT_THAT(Call(&Stub::RecordObjection, objection, Coordinator()),
              ReasonIs(errors_pb::ERROR_REASON_REQUEST_ID_REUSED));
  EXPECT_THAT(StatusOf({Opening(header), End(1)}), IsOk());
}

TEST_F(ImportStreamTest, BadMessagesAreToldWithAllTheirFaults) {
  pb::ImportHeader bad;
  bad.set_date_format(static_cast<pb::DateFormat>(9));
  bad.set_expected_rows(-1);
  *bad.mutable_reference_date() = Day(2020, 2, 30);
  absl::Status status = StatusOf({Opening(bad)});
  EXPECT_THAT(status, ReasonIs(errors_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(BadFields(status),
              ElementsAre("header.request_id", "header.file_hash", "header.date_format",
                          "header.expected_rows", "header.reference_date"));
  const auto header = Opening(ImportStream::Header());
  EXPECT_THAT(BadFields(StatusOf({Chunk(1, Rows(1))})), ElementsAre("header"));
  EXPECT_THAT(BadFields(StatusOf({header, header})), ElementsAre("header"));
  EXPECT_THAT(BadFields(StatusOf({header, pb::ImportHouseholdsRequest()})), ElementsAre("message"));
  EXPECT_THAT(BadFields(StatusOf({header, Chunk(0, {})})),
              ElementsAre("chunk.chunk_number", "chunk.rows"));
  EXPECT_THAT(BadFields(StatusOf({header, Chunk(1, Rows(2001))})), ElementsAre("chunk.rows"));
  EXPECT_THAT(BadFields(StatusOf({header, End(-1)})), ElementsAre("end.row_count"));
  auto rows = Rows(2);
  rows[1].set_line_number(-5);
  EXPECT_THAT(BadFields(StatusOf({header, Chunk(1, rows)})),
              ElementsAre("chunk.rows[1].line_number"));
  rows[1].set_line_number(2);
  rows[0].set_family_name(std::string("a\0b", 3));
  EXPECT_THAT(StatusOf({header, Chunk(1, rows)}), ReasonIs(errors_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_EQ(Households(), 0);
  EXPECT_THAT(StatusOf({header, Chunk(1, Rows(2000)), End(2000)}), IsOk());
  EXPECT_EQ(Households(), 2000);
}

TEST_F(ImportStreamTest, OnlyACoordinatorOfAKnownLandlordMay) {
  ImportStream stream(stub(), {"coordinator", "camille", NewId()});
  stream.Send(ImportStream::Header());
  EXPECT_THAT(stream.Finish(), ReasonIs(errors_pb::ERROR_REASON_LANDLORD_NOT_FOUND));
  ImportStream volunteer(stub(), {"volunteer", "vero", landlord_});
  EXPECT_THAT(volunteer.Finish(), StatusIs(absl::StatusCode::kPermissionDenied));
}

}  // namespace
}  // namespace veille::tenant_registry
