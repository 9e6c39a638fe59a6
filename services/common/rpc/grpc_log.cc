#include "common/rpc/grpc_log.h"

#include <grpc/support/log.h>

#include <string_view>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/telemetry/log.h"

namespace veille::rpc {
namespace {

constexpr int kLinesPerMinute = 20;

// Lets so many lines through per minute, and counts the others.
class Sluice {
 public:
  // Nothing when the line stays away; else how many did since the last one.
  bool Pass(absl::Time now, int64_t& left_out) {
    absl::MutexLock lock(&mutex_);
    if (now - minute_ >= absl::Minutes(1)) {
      minute_ = now;
      lines_ = 0;
    }
    if (++lines_ > kLinesPerMinute) {
      ++left_out_;
      return false;
    }
    left_out = std::exchange(left_out_, 0);
    return true;
  }

 private:
  absl::Mutex mutex_;
  absl::Time minute_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int lines_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t left_out_ ABSL_GUARDED_BY(mutex_) = 0;
};

void Log(gpr_log_func_args* said) {
  static Sluice sluice;
  int64_t left_out = 0;
  if (!sluice.Pass(absl::Now(), left_out)) return;
  std::string_view file = said->file;
  file.remove_prefix(file.rfind('/') + 1);  // all of it when there is no slash
  log::Write(said->severity == GPR_LOG_SEVERITY_ERROR ? log::Level::kWarning : log::Level::kDebug,
             "gRPC reports",
             {{"file", log::Text{file}}, {"line", said->line}, {"left_out", left_out}});
}

}  // namespace

void CaptureGrpcLog() { gpr_set_log_function(Log); }

}  // namespace veille::rpc
