#include "common/rpc/grpc_log.h"

#include <gmock/gmock.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "common/telemetry/log.h"

namespace veille::rpc {
namespace {

TEST(GrpcLog, IsBoundedAndQuotesNobody) {
  ::testing::internal::CaptureStderr();
  log::Start("veille-test", log::Level::kInfo);
  CaptureGrpcLog();
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);  // as gRPC does when it starts
  for (int i = 0; i < 1000; ++i) gpr_log(GPR_ERROR, "a stranger said: %s", "Marqueur");
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 20) << said;
  EXPECT_THAT(said, ::testing::HasSubstr("gRPC reports file=grpc_log_test.cc"));
  EXPECT_THAT(said, ::testing::Not(::testing::HasSubstr("Marqueur")));
}

}  // namespace
}  // namespace veille::rpc
