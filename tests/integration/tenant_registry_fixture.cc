#include "integration/tenant_registry_fixture.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "common/async/executor.h"
#include "common/rpc/in_flight.h"
#include "common/rpc/reason.h"
#include "common/rpc/server.h"
#include "google/rpc/status.pb.h"
#include "tenant_registry/environment.h"
#include "tenant_registry/registry_service.h"
#include "tenant_registry/schema.h"
#include "testing/bad_request.h"

namespace veille::tenant_registry {
namespace {

template <typename T>
T OrThrow(absl::StatusOr<T> value) {
  if (!value.ok()) throw std::runtime_error(value.status().ToString());
  return *std::move(value);
}

}  // namespace

grpc::Status SampleIntake::RecordHouseholdChange(
    grpc::ServerContext* context, const calls::v1::RecordHouseholdChangeRequest* request,
    calls::v1::RecordHouseholdChangeResponse* response) {
  absl::MutexLock lock(&mutex_);
  if (refuse_) {
    ++refused_;
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "not now");
  }
  const auto landlord = context->client_metadata().find("veille-landlord");
  if (landlord != context->client_metadata().end()) {
    landlord_ = std::string(landlord->second.data(), landlord->second.size());
  }
  taken_.push_back(*request);
  response->set_applied(true);
  return grpc::Status::OK;
}

std::vector<calls::v1::RecordHouseholdChangeRequest> SampleIntake::taken() const {
  absl::MutexLock lock(&mutex_);
  return taken_;
}

int SampleIntake::refused() const {
  absl::MutexLock lock(&mutex_);
  return refused_;
}

std::string SampleIntake::landlord() const {
  absl::MutexLock lock(&mutex_);
  return landlord_;
}

void SampleIntake::Refuse(bool refuse) {
  absl::MutexLock lock(&mutex_);
  refuse_ = refuse;
}

struct RegistryTest::Running {
  explicit Running(RegistryTest& test)
      : database(OrThrow(db::Database::Open(test.test_database_.options()))),
        access(OrThrow(access::AccessTable::Build({RegistryService::kFullName}))) {
    int port = 0;
    calls = grpc::ServerBuilder()
                .AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port)
                .RegisterService(&test.intake_)
                .BuildAndStart();
    outbox::RelayOptions relay;
    relay.interval = absl::Milliseconds(20);
    relay.first_delay = absl::Milliseconds(20);
    environment = std::make_unique<Environment>(
        rpc::ServerEnvironment{*database, test.clock_, access, authenticator, executor, in_flight},
        seal, rpc::Endpoint{"127.0.0.1:" + std::to_string(port)}, relay);
    service = std::make_unique<RegistryService>(*environment);
    server = OrThrow(rpc::Server::Start({"127.0.0.1:0", absl::Seconds(5)},
                                        {{service.get(), RegistryService::kFullName}}));
  }

  ~Running() {
    server->Drain();
    environment->Close();
    calls->Shutdown();
    executor.Close();
    database->Close();
  }

  std::unique_ptr<db::Database> database;
  access::AccessTable access;
  const rpc::BelievingAuthenticator authenticator;
  const privacy::IdentitySeal seal;
  async::Executor executor{2};
  rpc::InFlight in_flight{1000};
  std::unique_ptr<grpc::Server> calls;
  std::unique_ptr<Environment> environment;
  std::unique_ptr<RegistryService> service;
  std::unique_ptr<rpc::Server> server;
};

RegistryTest::RegistryTest()
    : test_database_(Schema()), running_(std::make_unique<Running>(*this)) {
  stub_ = pb::RegistryService::NewStub(
      grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
  landlord_ = CreateLandlord("Office de l'Habitat");
}

RegistryTest::~RegistryTest() = default;

const std::string& RegistryTest::address() const { return running_->server->address(); }

void RegistryTest::Identify(grpc::ClientContext& context, const Identity& identity) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  context.AddMetadata("veille-role", identity.role);
  context.AddMetadata("veille-subject", identity.subject);
  if (!identity.landlord.empty()) context.AddMetadata("veille-landlord", identity.landlord);
  if (!identity.reason.empty()) {
    context.AddMetadata(std::string(rpc::kReasonKey), rpc::EncodeReason(identity.reason));
  }
}

std::string RegistryTest::CreateLandlord(const std::string& name) {
  pb::CreateLandlordRequest request;
  request.set_request_id(NewId());
  request.set_name(name);
  return OrThrow(Call(&Stub::CreateLandlord, request, Operator())).landlord().landlord_id();
}

pb::Household RegistryTest::Find(const std::string& client_reference) {
  pb::ListHouseholdsRequest request;
  request.set_client_reference(client_reference);
  request.set_include_left(true);
  const auto found = OrThrow(Call(&Stub::ListHouseholds, request, Coordinator()));
  if (found.households_size() != 1) throw std::runtime_error("not one household");
  return found.households(0);
}

absl::Time RegistryTest::Start() {
  return absl::FromCivil(absl::CivilSecond(2020, 3, 17, 9, 0, 0), absl::UTCTimeZone());
}

std::string NewId() { return ids::Uuid::Random().ToString(); }

common::v1::Date Day(int year, int month, int day) {
  common::v1::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

std::vector<std::string> BadFields(const absl::Status& status) { return testing::FieldsOf(status); }

pb::RegisterRow Vacant(const std::string& dwelling) {
  pb::RegisterRow row;
  row.set_line_number(1);
  row.set_dwelling_number(dwelling);
  row.set_residence("Les Lilas");
  row.set_street_address("12 rue des Lilas");
  row.set_postal_code("31000");
  row.set_commune_name("Toulouse");
  row.set_commune_code("31555");
  return row;
}

pb::RegisterRow Person(const std::string& dwelling, const std::string& reference,
                       const std::string& family_name, const std::string& given_name,
                       const std::string& birth_date, const std::string& phone) {
  pb::RegisterRow row = Vacant(dwelling);
  row.set_client_reference(reference);
  row.set_title("Mme");
  row.set_family_name(family_name);
  row.set_given_name(given_name);
  row.set_birth_date(birth_date);
  if (!phone.empty()) row.add_phones(phone);
  return row;
}

ImportStream::ImportStream(pb::RegistryService::Stub& stub, const Identity& identity) {
  context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(120));
  context_.AddMetadata("veille-role", identity.role);
  context_.AddMetadata("veille-subject", identity.subject);
  if (!identity.landlord.empty()) context_.AddMetadata("veille-landlord", identity.landlord);
  stream_ = stub.ImportHouseholds(&context_);
}

pb::ImportHeader ImportStream::Header(const std::string& file) {
  pb::ImportHeader header;
  header.set_request_id(NewId());
  std::string hash = file;
  hash.resize(32, '.');
  header.set_file_hash(hash);
  *header.mutable_reference_date() = Day(2020, 3, 17);
  return header;
}

bool ImportStream::Send(const pb::ImportHeader& header) {
  pb::ImportHouseholdsRequest request;
  *request.mutable_header() = header;
  return stream_->Write(request);
}

bool ImportStream::Send(int64_t number, const std::vector<pb::RegisterRow>& rows) {
  pb::ImportHouseholdsRequest request;
  request.mutable_chunk()->set_chunk_number(number);
  for (const pb::RegisterRow& row : rows) *request.mutable_chunk()->add_rows() = row;
  return stream_->Write(request);
}

bool ImportStream::SendEnd(int64_t rows) {
  pb::ImportHouseholdsRequest request;
  request.mutable_end()->set_row_count(rows);
  return stream_->Write(request);
}

pb::ImportHouseholdsResponse ImportStream::Receive() {
  pb::ImportHouseholdsResponse response;
  EXPECT_TRUE(stream_->Read(&response)) << "the stream has ended";
  return response;
}

absl::Status ImportStream::Finish() {
  stream_->WritesDone();
  pb::ImportHouseholdsResponse response;
  while (stream_->Read(&response)) {
  }
  return rpc::FromGrpc(stream_->Finish());
}

Imported Import(pb::RegistryService::Stub& stub, const Identity& identity,
                const pb::ImportHeader& header, const std::vector<pb::RegisterRow>& rows,
                size_t rows_per_chunk) {
  Imported imported;
  ImportStream stream(stub, identity);
  stream.Send(header);
  bool alive = true;
  const auto receive = [&](auto take) {
    if (!alive) return;
    pb::ImportHouseholdsResponse answer;
    alive = stream.TryReceive(answer);
    if (alive) take(answer);
  };
  receive([&](const auto& answer) { imported.accepted = answer.accepted(); });
  int64_t number = imported.accepted.resume_after_chunk();
  size_t sent = static_cast<size_t>(imported.accepted.resume_after_rows());
  while (alive && sent < rows.size()) {
    const size_t end = std::min(rows.size(), sent + rows_per_chunk);
    std::vector<pb::RegisterRow> chunk(rows.begin() + static_cast<std::ptrdiff_t>(sent),
                                       rows.begin() + static_cast<std::ptrdiff_t>(end));
    for (size_t i = 0; i < chunk.size(); ++i) {
      chunk[i].set_line_number(static_cast<int64_t>(sent + i) + 2);
    }
    stream.Send(++number, chunk);
    sent = end;
    receive([&](const auto& answer) {
      const auto& verdicts = answer.chunk_result().verdicts();
      imported.verdicts.insert(imported.verdicts.end(), verdicts.begin(), verdicts.end());
    });
  }
  if (alive) stream.SendEnd(static_cast<int64_t>(rows.size()));
  receive([&](const auto& answer) { imported.totals = answer.totals(); });
  imported.status = stream.Finish();
  return imported;
}

}  // namespace veille::tenant_registry
