#include "e2e/many_calls.h"

#include <google/protobuf/message.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/access/caller.h"
#include "common/rpc/client.h"
#include "veille/common/v1/access.pb.h"

namespace veille::e2e {
namespace {

constexpr absl::Duration kCallTime = absl::Seconds(30);

bool NeedsReason(const CallToMake& call) {
  const auto& rule = call.method->options().GetExtension(common::v1::access);
  const auto& from = rule.reason_from();
  return std::find(from.begin(), from.end(), access::ParseRole(call.caller.role)) != from.end();
}

// One call, from its start to its answer.
struct Flight {
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  absl::Time begin;
};

}  // namespace

ManyCalls::ManyCalls(Programme& programme) {
  auto opened = veillectl::DevIdentity::Open(programme.authority()->Path(""));
  if (!opened.ok()) throw std::runtime_error(std::string(opened.status().message()));
  proof_ = *std::move(opened);
  for (const Service service : kServices) {
    channels_[service] = grpc::CreateCustomChannel(programme.address(service),
                                                   proof_->credentials(), rpc::ChannelArguments());
  }
}

std::vector<TimedAnswer> ManyCalls::Make(const std::vector<CallToMake>& calls, int at_once) {
  std::vector<TimedAnswer> answers(calls.size());
  std::vector<std::unique_ptr<Flight>> flights(calls.size());
  absl::Mutex mutex;
  int under_way = 0;
  const auto has_room = [&] { return under_way < at_once; };
  const auto has_landed = [&] { return under_way == 0; };
  for (size_t i = 0; i < calls.size(); ++i) {
    const CallToMake& call = calls[i];
    flights[i] = std::make_unique<Flight>();
    Flight& flight = *flights[i];
    flight.context.set_deadline(absl::ToChronoTime(absl::Now() + kCallTime));
    if (!proof_->Attach(call.caller, flight.context).ok()) throw std::runtime_error("no token");
    if (NeedsReason(call)) flight.context.AddMetadata("veille-reason", "who%20may%20see%20what");
    const grpc::Slice slice(call.bytes);
    flight.request = grpc::ByteBuffer(&slice, 1);
    {
      const absl::MutexLock lock(&mutex, absl::Condition(&has_room));
      ++under_way;
    }
    flight.begin = absl::Now();
    grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer>(channels_[call.service])
        .UnaryCall(&flight.context,
                   absl::StrCat("/", call.method->service()->full_name(), "/", call.method->name()),
                   grpc::StubOptions(), &flight.request, &flight.response,
                   [&, i](grpc::Status status) {
                     TimedAnswer& timed = answers[i];
                     timed.took = absl::Now() - flights[i]->begin;
                     timed.answer.status = std::move(status);
                     timed.answer.bytes = TextOf(flights[i]->response);
                     const absl::MutexLock lock(&mutex);
                     --under_way;
                   });
  }
  const absl::MutexLock lock(&mutex, absl::Condition(&has_landed));
  return answers;
}

}  // namespace veille::e2e
