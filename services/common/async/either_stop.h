#pragma once

// One stop token for two reasons to stop: "the client has gone, or the server drains".
//
//   const async::EitherStop stop(context.stop(), context.drain());
//   co_await timers.Sleep(absl::Seconds(1), stop.token());

#include <stop_token>
#include <utility>

namespace veille::async {

class EitherStop {
 public:
  EitherStop(std::stop_token one, std::stop_token other)
      : one_(std::move(one), Request{&source_}), other_(std::move(other), Request{&source_}) {}
  EitherStop(const EitherStop&) = delete;
  EitherStop& operator=(const EitherStop&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  struct Request {
    std::stop_source* source;
    void operator()() const { source->request_stop(); }
  };

  std::stop_source source_;
  const std::stop_callback<Request> one_;
  const std::stop_callback<Request> other_;
};

}  // namespace veille::async
