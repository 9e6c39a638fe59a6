#include "common/operations/admin_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "absl/synchronization/barrier.h"
#include "absl/time/clock.h"
#include "testing/http.h"

namespace veille::operations {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::veille::testing::Fetch;
using ::veille::testing::HttpAnswer;
using ::veille::testing::ParseAnswer;
using ::veille::testing::RawConnection;

std::unique_ptr<AdminServer> Serve(std::map<std::string, Route> routes) {
  auto server = AdminServer::Start("127.0.0.1:0", std::move(routes));
  if (!server.ok()) throw std::runtime_error(std::string(server.status().message()));
  return *std::move(server);
}

std::unique_ptr<AdminServer> ServeHello() {
  return Serve({{"/hello", [] { return Answer{200, "hello\n"}; }}});
}

TEST(AdminServerTest, AnswersGetAndHead) {
  const auto server = ServeHello();
  const HttpAnswer get = Fetch(server->address(), "/hello");
  EXPECT_EQ(get.status, 200);
  EXPECT_EQ(get.body, "hello\n");
  EXPECT_EQ(get.headers.at("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(get.headers.at("Connection"), "close");

  const HttpAnswer head = Fetch(server->address(), "/hello", "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.headers.at("Content-Length"), "6");
}

TEST(AdminServerTest, RefusesOtherPathsAndMethods) {
  const auto server = ServeHello();
  EXPECT_EQ(Fetch(server->address(), "/").status, 404);
  EXPECT_EQ(Fetch(server->address(), "/hello/").status, 404);
  EXPECT_EQ(Fetch(server->address(), "/../hello").status, 404);
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    const HttpAnswer answer = Fetch(server->address(), "/hello", method);
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_EQ(answer.headers.at("Allow"), "GET, HEAD");
  }
}

// The body is never read, however long it says it is.
TEST(AdminServerTest, ReadsNoBody) {
  const auto server = ServeHello();
  const RawConnection connection(server->address());
  connection.Send("POST /hello HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n" +
                  std::string(20000, 'x'));
  EXPECT_EQ(ParseAnswer(connection.ReadAll()).status, 405);
}

TEST(AdminServerTest, SurvivesWhatIsNoRequest) {
  const auto server = ServeHello();
  const std::vector<std::string> bad = {
      "\r\n\r\n",
      "hello\r\n\r\n",
      "GET\r\n\r\n",
      "GET /hello\r\n\r\n",
      "GET /hello HTTP/9.9\r\n\r\n",
      "BREW /hello HTTP/1.1\r\n\r\n",
      "GET /hello HTTP/1.1\r\n" + std::string(5000, 'a'),
      "GET /hello HTTP/1.1\r\nX: " + std::string(10000, 'a') + "\r\n\r\n",
      "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n\r\n",
      std::string("\0\x01\x02\xff\r\n\r\n", 8),
  };
  for (const std::string& request : bad) {
    const RawConnection connection(server->address());
    connection.Send(request);
    const std::string answer = connection.ReadAll();
    if (!answer.empty()) EXPECT_GE(ParseAnswer(answer).status, 400) << request.substr(0, 40);
  }
  EXPECT_EQ(Fetch(server->address(), "/hello").status, 200);
}

TEST(AdminServerTest, TakesMuchLessThanItCouldBeSent) {
  const auto server = ServeHello();
  const RawConnection connection(server->address());
  std::string many = "GET /hello HTTP/1.1\r\n";
  for (int i = 0; i < 1000; ++i) many += "Header-" + std::to_string(i) + ": value\r\n";
  connection.Send(many + "\r\n");
  const std::string answer = connection.ReadAll();
  EXPECT_THAT(answer, Not(HasSubstr("hello")));
}

TEST(AdminServerTest, AnswersTwoAtOnce) {
  auto barrier = std::make_unique<absl::Barrier>(2);
  const auto server = Serve({{"/meet", [&barrier] {
                                if (barrier->Block()) barrier.reset();
                                return Answer{200, "met\n"};
                              }}});
  std::jthread other([&] { EXPECT_EQ(Fetch(server->address(), "/meet").status, 200); });
  EXPECT_EQ(Fetch(server->address(), "/meet").status, 200);
}

// Those that send their requests bit by bit are cut, and so hold up nobody for long.
TEST(AdminServerTest, CutsSlowClients) {
  const auto server = ServeHello();
  const RawConnection first(server->address());
  const RawConnection second(server->address());
  first.Send("GET /hello HTT");
  second.Send("G");
  EXPECT_EQ(Fetch(server->address(), "/hello").status, 200);

  const absl::Time begin = absl::Now();
  EXPECT_THAT(second.ReadAll(), Not(HasSubstr("hello\n")));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
}

// Many that only connect are let go one by one.
TEST(AdminServerTest, OutlivesIdleConnections) {
  const auto server = ServeHello();
  std::vector<std::unique_ptr<RawConnection>> idle;
  for (int i = 0; i < 4; ++i) idle.push_back(std::make_unique<RawConnection>(server->address()));
  EXPECT_EQ(Fetch(server->address(), "/hello").status, 200);
  idle.clear();
  EXPECT_EQ(Fetch(server->address(), "/hello").status, 200);
}

TEST(AdminServerTest, LeavesTheQueryAside) {
  const auto server = ServeHello();
  EXPECT_EQ(Fetch(server->address(), "/hello?verbose=1").status, 200);
}

TEST(AdminServerTest, TellsNothingOfAnException) {
  const auto server =
      Serve({{"/throws", []() -> Answer { throw std::runtime_error("Mme Durand"); }}});
  const RawConnection connection(server->address());
  connection.Send("GET /throws HTTP/1.1\r\n\r\n");
  const std::string answer = connection.ReadAll();
  EXPECT_EQ(ParseAnswer(answer).status, 500);
  EXPECT_THAT(answer, Not(HasSubstr("Durand")));
}

TEST(AdminServerTest, TellsThatThePortIsTaken) {
  const auto server = ServeHello();
  const auto second = AdminServer::Start(server->address(), {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(server->address()));
}

TEST(AdminServerTest, StopsWhileSomebodyIsConnected) {
  const auto server = ServeHello();
  const RawConnection slow(server->address());
  slow.Send("GET /hel");
  EXPECT_EQ(Fetch(server->address(), "/hello").status, 200);
  const absl::Time begin = absl::Now();
  server->Stop();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(1));
  server->Stop();
  EXPECT_EQ(Fetch(server->address(), "/hello").status, 0);
}

}  // namespace
}  // namespace veille::operations
