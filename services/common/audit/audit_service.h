#pragma once

// The audit trail of a service: its gRPC service, and the loop behind it. Every service has one,
// over its own database:
//
//   audit::Trail trail(environment, {.service = "call-tracking", .keys = keys}, denials);
//   … rpc::Server::Start(…, {…, trail.service()});   // and kFullName in the access table
//   server->Drain();
//   trail.Stop();             // before the database closes

#include <string>

#include "common/audit/audit_environment.h"
#include "common/audit/denials.h"
#include "common/rpc/server.h"
#include "common/rpc/unary.h"
#include "veille/audit/v1/audit_service.grpc.pb.h"

namespace veille::audit {

// One line per RPC: the handlers are in handlers.h.
class AuditService final
    : public rpc::Methods<::veille::audit::v1::AuditService,
                          ::veille::audit::v1::AuditService::WithRawCallbackMethod_ListAuditEvents,
                          ::veille::audit::v1::AuditService::WithRawCallbackMethod_VerifyAuditTrail,
                          ::veille::audit::v1::AuditService::WithRawCallbackMethod_GetAuditHead> {
 public:
  static constexpr char kFullName[] = "veille.audit.v1.AuditService";

  explicit AuditService(AuditEnvironment& env) : env_(env) {}

  grpc::ServerUnaryReactor* ListAuditEvents(grpc::CallbackServerContext* context,
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* VerifyAuditTrail(grpc::CallbackServerContext* context,
                                             const grpc::ByteBuffer* request,
                                             grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetAuditHead(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;

 private:
  AuditEnvironment& env_;
};

// Owned by main; what it is given outlives it, and it outlives the gRPC server.
class Trail {
 public:
  Trail(const rpc::ServerEnvironment& server, ChainerOptions options, Denials& denials)
      : chainer_(server.database, denials, std::move(options)),
        environment_{server, chainer_.options()},
        service_(environment_) {}

  rpc::RegisteredService service() { return {&service_, AuditService::kFullName}; }
  const Chainer& chainer() const { return chainer_; }

  // Idempotent; see Chainer.
  void Stop() { chainer_.Stop(); }

 private:
  Chainer chainer_;
  AuditEnvironment environment_;
  AuditService service_;
};

}  // namespace veille::audit
