// Lets ThreadSanitizer see the synchronisation inside Debian's Abseil and gRPC, which are not
// instrumented. Linked into every executable of a ThreadSanitizer build and into nothing else.
//
// The functions below have the names of the library's own, so the dynamic linker takes them first,
// for our calls and for those of libgrpc and libgpr (gpr_mu and gpr_cv stand on absl::Mutex, so
// they are covered too). Each calls the real one and says what it orders:
//
//  * A mutex: unlocking releases, locking acquires. The predicate of a Condition may be evaluated
//  by
//    the thread that unlocks, after it has released; it holds the lock, so its accesses are
//    ignored.
//  * A notification and a blocking counter: notifying releases, waiting acquires.
//  * A batch of operations of a call: starting it releases its tag, its completion acquires it. In
//  the
//    callback API the completion enters our code through the tag's function pointer; it is replaced
//    by a trampoline. Without this gRPC's lock-free combiners hide the order, and every coroutine
//    that continues on another thread would look like a race.
//  * OnCancel and OnDone run when a counter in the call reaches zero, and gRPC's share of the
//  counting is
//    not seen: they acquire what our threads released through the counter.
//  * Starting a server releases, each batch acquires: a handler sees what main() built.
//
// Every tag is its own object of synchronisation, on purpose: one global one would order all
// threads with each other and hide the races of our handlers. planted_race_test shows that it does
// not.

#include <dlfcn.h>
#include <grpc/grpc.h>
#include <grpcpp/support/server_callback.h>
#include <link.h>
#include <sanitizer/tsan_interface.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

extern "C" {
// Not declared by tsan_interface.h.
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}

namespace {

// The library's own function of that name. A missing one means another release of the library.
void* Next(const char* symbol) {
  void* found = dlsym(RTLD_NEXT, symbol);
  if (found == nullptr) {
    std::fprintf(stderr, "tsan_shim: no %s: adapt tests/testing/tsan_shim.cc\n", symbol);
    std::abort();
  }
  return found;
}

// The mangled prefix of absl's symbols: Debian's inline namespace is debian3.
#define ABSL_SYMBOL(rest) "_ZN4absl7debian3" rest
#define ABSL_CONST_SYMBOL(rest) "_ZNK4absl7debian3" rest

// CALL_NEXT(result, symbol, this, arguments...): a member function is called as a function of
// `this`.
template <typename Result, typename... Args>
Result CallNext(void* function, Args... args) {
  return reinterpret_cast<Result (*)(Args...)>(function)(args...);
}
#define CALL_NEXT(result, symbol, ...)          \
  [&] {                                         \
    static void* const real = Next(symbol);     \
    return CallNext<result>(real, __VA_ARGS__); \
  }()

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

#define LOCKS(method, symbol)                            \
  void Mutex::method() {                                 \
    CALL_NEXT(void, ABSL_SYMBOL("5Mutex" symbol), this); \
    __tsan_acquire(this);                                \
  }
LOCKS(Lock, "4LockEv")
LOCKS(ReaderLock, "10ReaderLockEv")

#define TRIES(method, symbol)                                                \
  bool Mutex::method() {                                                     \
    const bool locked = CALL_NEXT(bool, ABSL_SYMBOL("5Mutex" symbol), this); \
    if (locked) __tsan_acquire(this);                                        \
    return locked;                                                           \
  }
TRIES(TryLock, "7TryLockEv")
TRIES(ReaderTryLock, "13ReaderTryLockEv")

#define UNLOCKS(method, symbol)                          \
  void Mutex::method() {                                 \
    __tsan_release(this);                                \
    CALL_NEXT(void, ABSL_SYMBOL("5Mutex" symbol), this); \
  }
UNLOCKS(Unlock, "6UnlockEv")
UNLOCKS(ReaderUnlock, "12ReaderUnlockEv")

// The condition is the caller's, and other threads evaluate it: it is released as well.
#define WAITS(method, symbol)                                        \
  void Mutex::method(const Condition& condition) {                   \
    __tsan_release(this);                                            \
    CALL_NEXT(void, ABSL_SYMBOL("5Mutex" symbol), this, &condition); \
    __tsan_acquire(this);                                            \
  }
WAITS(Await, "5AwaitERKNS0_9ConditionE")
WAITS(LockWhen, "8LockWhenERKNS0_9ConditionE")
WAITS(ReaderLockWhen, "14ReaderLockWhenERKNS0_9ConditionE")

#define WAITS_UNTIL(method, Limit, symbol)                                                    \
  bool Mutex::method(const Condition& condition, Limit limit) {                               \
    __tsan_release(this);                                                                     \
    const bool held = CALL_NEXT(bool, ABSL_SYMBOL("5Mutex" symbol), this, &condition, limit); \
    __tsan_acquire(this);                                                                     \
    return held;                                                                              \
  }
WAITS_UNTIL(AwaitWithTimeout, Duration, "16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE")
WAITS_UNTIL(AwaitWithDeadline, Time, "17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE")
WAITS_UNTIL(LockWhenWithTimeout, Duration, "19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE")
WAITS_UNTIL(LockWhenWithDeadline, Time, "20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE")
WAITS_UNTIL(ReaderLockWhenWithTimeout, Duration,
            "25ReaderLockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE")
WAITS_UNTIL(ReaderLockWhenWithDeadline, Time,
            "26ReaderLockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE")

Mutex::~Mutex() {
  CALL_NEXT(void, ABSL_SYMBOL("5MutexD1Ev"), this);
  __tsan_mutex_destroy(this, __tsan_mutex_not_static);
}

bool Condition::Eval() const {
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  const bool holds = CALL_NEXT(bool, ABSL_CONST_SYMBOL("9Condition4EvalEv"), this);
  AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  return holds;
}

void CondVar::Wait(Mutex* mutex) {
  __tsan_release(mutex);
  CALL_NEXT(void, ABSL_SYMBOL("7CondVar4WaitEPNS0_5MutexE"), this, mutex);
  __tsan_acquire(mutex);
}
bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  __tsan_release(mutex);
  const bool passed =
      CALL_NEXT(bool, ABSL_SYMBOL("7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE"), this,
                mutex, timeout);
  __tsan_acquire(mutex);
  return passed;
}
bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  __tsan_release(mutex);
  const bool passed =
      CALL_NEXT(bool, ABSL_SYMBOL("7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE"), this, mutex,
                deadline);
  __tsan_acquire(mutex);
  return passed;
}

namespace {
// HasBeenNotified() is inline and reads the flag behind the mutex: the flag is what orders.
void* Flag(const Notification* notification) {
  return const_cast<char*>(reinterpret_cast<const char*>(notification)) + sizeof(Mutex);
}
}  // namespace

void Notification::Notify() {
  __tsan_release(Flag(this));
  CALL_NEXT(void, ABSL_SYMBOL("12Notification6NotifyEv"), this);
}
void Notification::WaitForNotification() const {
  CALL_NEXT(void, ABSL_CONST_SYMBOL("12Notification19WaitForNotificationEv"), this);
  __tsan_acquire(Flag(this));
}
bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  const bool notified = CALL_NEXT(
      bool, ABSL_CONST_SYMBOL("12Notification30WaitForNotificationWithTimeoutENS0_8DurationE"),
      this, timeout);
  if (notified) __tsan_acquire(Flag(this));
  return notified;
}
bool Notification::WaitForNotificationWithDeadline(Time deadline) const {
  const bool notified = CALL_NEXT(
      bool, ABSL_CONST_SYMBOL("12Notification31WaitForNotificationWithDeadlineENS0_4TimeE"), this,
      deadline);
  if (notified) __tsan_acquire(Flag(this));
  return notified;
}

bool BlockingCounter::DecrementCount() {
  __tsan_release(this);
  return CALL_NEXT(bool, ABSL_SYMBOL("15BlockingCounter14DecrementCountEv"), this);
}
void BlockingCounter::Wait() {
  CALL_NEXT(void, ABSL_SYMBOL("15BlockingCounter4WaitEv"), this);
  __tsan_acquire(this);
}

ABSL_NAMESPACE_END
}  // namespace absl

namespace {

using Functor = grpc_completion_queue_functor;
using Run = void (*)(Functor*, int);

// The few functions that gRPC's tags point to (one per kind of tag), each with its trampoline.
constexpr size_t kSlots = 64;
std::array<std::atomic<Run>, kSlots> originals;

template <size_t Slot>
void Trampoline(Functor* functor, int ok) {
  __tsan_acquire(functor);
  originals[Slot].load(std::memory_order_relaxed)(functor, ok);
}

template <size_t... Slots>
constexpr std::array<Run, kSlots> MakeTrampolines(std::index_sequence<Slots...>) {
  return {&Trampoline<Slots>...};
}
constexpr std::array<Run, kSlots> kTrampolines =
    MakeTrampolines(std::make_index_sequence<kSlots>());

bool IsTrampoline(Run run) {
  for (Run trampoline : kTrampolines) {
    if (run == trampoline) return true;
  }
  return false;
}

Run TrampolineFor(Run original) {
  for (size_t slot = 0; slot < kSlots; ++slot) {
    Run taken = originals[slot].load(std::memory_order_relaxed);
    if (taken == nullptr && originals[slot].compare_exchange_strong(taken, original)) {
      return kTrampolines[slot];
    }
    if (taken == original) return kTrampolines[slot];
  }
  std::fprintf(stderr, "tsan_shim: more than %zu kinds of tags\n", kSlots);
  std::abort();
}

// A tag is a functor in the callback API, where its first word points to code; elsewhere it is an
// object with a vtable, where the first word points to data.
bool PointsToCode(const void* address) {
  using Ranges = std::vector<std::pair<uintptr_t, uintptr_t>>;
  static const Ranges* const code = [] {
    auto* ranges = new Ranges;
    dl_iterate_phdr(
        [](dl_phdr_info* info, size_t, void* out) {
          for (int i = 0; i < info->dlpi_phnum; ++i) {
            const ElfW(Phdr)& segment = info->dlpi_phdr[i];
            if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
            const uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
            static_cast<Ranges*>(out)->emplace_back(begin, begin + segment.p_memsz);
          }
          return 0;
        },
        ranges);
    return ranges;
  }();
  const auto value = reinterpret_cast<uintptr_t>(address);
  for (const auto& [begin, end] : *code) {
    if (begin <= value && value < end) return true;
  }
  return false;
}

char server_started;  // an object of synchronisation, not a value

grpc_event Acquired(grpc_event event) {
  if (event.type == GRPC_OP_COMPLETE && event.tag != nullptr) __tsan_acquire(event.tag);
  return event;
}

}  // namespace

namespace grpc::internal {

void ServerCallbackCall::CallOnCancel(ServerReactor* reactor) {
  __tsan_acquire(&on_cancel_conditions_remaining_);
  CALL_NEXT(void, "_ZN4grpc8internal18ServerCallbackCall12CallOnCancelEPNS0_13ServerReactorE", this,
            reactor);
}
void ServerCallbackCall::ScheduleOnDone(bool inline_ondone) {
  __tsan_acquire(&callbacks_outstanding_);
  CALL_NEXT(void, "_ZN4grpc8internal18ServerCallbackCall14ScheduleOnDoneEb", this, inline_ondone);
}

}  // namespace grpc::internal

extern "C" {

void grpc_server_start(grpc_server* server) {
  __tsan_release(&server_started);
  CALL_NEXT(void, "grpc_server_start", server);
}

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t count, void* tag,
                                      void* reserved) {
  __tsan_acquire(&server_started);
  if (tag != nullptr) {
    auto* functor = static_cast<Functor*>(tag);
    const Run run = functor->functor_run;
    if (!IsTrampoline(run) && PointsToCode(reinterpret_cast<const void*>(run))) {
      functor->functor_run = TrampolineFor(run);
    }
    __tsan_release(tag);
  }
  return CALL_NEXT(grpc_call_error, "grpc_call_start_batch", call, ops, count, tag, reserved);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline,
                                      void* reserved) {
  return Acquired(CALL_NEXT(grpc_event, "grpc_completion_queue_next", queue, deadline, reserved));
}

grpc_event grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                       gpr_timespec deadline, void* reserved) {
  return Acquired(
      CALL_NEXT(grpc_event, "grpc_completion_queue_pluck", queue, tag, deadline, reserved));
}

}  // extern "C"
