#pragma once

// Runs tasks from an ordinary thread and blocks it until they are done: for main, for the loops
// that own a thread (relay, promoter, delivery engine) and for tests. Never on a gRPC thread or a
// database lane.

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "common/async/task.h"

namespace veille::async {

template <typename T>
T SyncWait(Task<T> task) {
  absl::Notification done;
  if constexpr (std::is_void_v<T>) {
    [](Task<void> inner, absl::Notification& notify) -> Detached {
      co_await std::move(inner);
      notify.Notify();
    }(std::move(task), done);
    done.WaitForNotification();
  } else {
    std::optional<T> value;
    [](Task<T> inner, std::optional<T>& result, absl::Notification& notify) -> Detached {
      result.emplace(co_await std::move(inner));
      notify.Notify();
    }(std::move(task), value, done);
    done.WaitForNotification();
    return std::move(*value);
  }
}

// Runs all of them side by side; results in the order of the tasks.
template <typename T>
std::vector<T> SyncWaitAll(std::vector<Task<T>> tasks) {
  std::vector<std::optional<T>> values(tasks.size());
  absl::BlockingCounter left(static_cast<int>(tasks.size()));
  for (size_t i = 0; i < tasks.size(); ++i) {
    [](Task<T> inner, std::optional<T>& result, absl::BlockingCounter& counter) -> Detached {
      result.emplace(co_await std::move(inner));
      counter.DecrementCount();
    }(std::move(tasks[i]), values[i], left);
  }
  left.Wait();
  std::vector<T> results;
  results.reserve(values.size());
  for (auto& value : values) results.push_back(std::move(*value));
  return results;
}

}  // namespace veille::async
