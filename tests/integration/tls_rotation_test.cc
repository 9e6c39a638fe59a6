// Certificates are exchanged while connections come and go.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "integration/tls_fixture.h"
#include "testing/wait_until.h"

namespace veille::testing {
namespace {

using ::testing::IsEmpty;
using veillectl::DevLeaf;
using veillectl::KeyedCertificate;

KeyedCertificate NewCertificate(const TestAuthority& dev) {
  return dev.Issue(DevLeaf("tenant-registry", "service/tenant-registry"));
}

// What a new connection is shown.
std::string Shown(const TlsServer& server, const TestAuthority& dev) {
  return AskOnce(server.address(), Channel(dev.authority.FilesOf(""))).certificate;
}

bool Shows(const TlsServer& server, const TestAuthority& dev, const KeyedCertificate& expected) {
  return WaitUntil([&] { return Shown(server, dev) == expected.certificate; });
}

// Callers that never stop: half of them keep their connection, half make one for each call.
class Load {
 public:
  Load(const std::string& address, const tls::Files& files) {
    for (int i = 0; i < 2; ++i) {
      threads_.emplace_back([=, this] {
        const TlsClient kept(address, Channel(files));
        while (!stop_) Take(kept.Ask());
      });
      threads_.emplace_back([=, this] {
        while (!stop_) Take(AskOnce(address, Channel(files)));
      });
    }
  }
  ~Load() { Stop(); }

  void Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int answered() const { return answered_; }
  std::set<std::string> failures() {
    const std::lock_guard lock(mutex_);
    return failures_;
  }

 private:
  void Take(const Answer& answer) {
    if (answer.ok()) {
      ++answered_;
      return;
    }
    const std::lock_guard lock(mutex_);
    failures_.insert(answer.message);
  }

  std::atomic<bool> stop_ = false;
  std::atomic<int> answered_ = 0;
  std::mutex mutex_;
  std::set<std::string> failures_;
  std::vector<std::thread> threads_;
};

TEST(TlsRotationTest, NoCallFailsWhileCertificatesChange) {
  const TestAuthority dev;
  const TlsServer server(dev.authority.FilesOf("tenant-registry"));
  const TlsClient old(server.address(), Channel(dev.authority.FilesOf("")));
  const std::string first = old.Ask().certificate;
  ASSERT_NE(first, "");

  Load load(server.address(), dev.authority.FilesOf("call-tracking"));
  std::set<std::string> shown = {first};
  for (int i = 0; i < 3; ++i) {
    const int before = load.answered();
    ASSERT_TRUE(dev.authority.RenewPrograms().ok());  // the server's and the callers'
    const std::string renewed = ContentOf(dev.authority.Path("tenant-registry.pem"));
    ASSERT_TRUE(WaitUntil([&] { return Shown(server, dev) == renewed; }));
    ASSERT_TRUE(WaitUntil([&] { return load.answered() > before + 100; }));
    shown.insert(renewed);
  }
  load.Stop();
  EXPECT_THAT(load.failures(), IsEmpty());
  EXPECT_EQ(shown.size(), 4U);
  EXPECT_EQ(old.Ask().certificate, first) << "a connection that stands lives on";
}

TEST(TlsRotationTest, AClientPresentsItsNewCertificate) {
  const TestAuthority dev;
  const TlsServer server(dev.authority.FilesOf("tenant-registry"));
  const auto files = dev.Write("app", dev.Issue(DevLeaf("app", "service/before")));
  const auto identity = [&] { return AskOnce(server.address(), Channel(files)).identity; };
  ASSERT_EQ(identity(), "spiffe://veille.internal/service/before");
  const TlsClient kept(server.address(), Channel(files));
  ASSERT_TRUE(kept.Ask().ok());
  dev.Write("app", dev.Issue(DevLeaf("app", "service/after")));
  EXPECT_TRUE(WaitUntil([&] { return identity() == "spiffe://veille.internal/service/after"; }));
  EXPECT_EQ(kept.Ask().identity, "spiffe://veille.internal/service/before");
}

// Files that are exchanged one by one, and files that are broken, leave the last good ones.
TEST(TlsRotationTest, WhatIsNoGoodIsNotTaken) {
  const TestAuthority dev;
  const KeyedCertificate first = NewCertificate(dev);
  const TlsServer server(dev.Write("broken", first));
  const TlsServer watched(dev.Write("whole", NewCertificate(dev)));
  const auto when_looked_at = [&] {  // all files are looked at in turn: twice is once at least
    for (int i = 0; i < 2; ++i) {
      const KeyedCertificate next = NewCertificate(dev);
      dev.Write("whole", next);
      ASSERT_TRUE(Shows(watched, dev, next));
    }
  };
  const KeyedCertificate second = NewCertificate(dev);
  const std::string half = second.certificate.substr(0, second.certificate.size() / 2);
  for (const std::string& content : {second.certificate, half, std::string()}) {
    dev.folder.Write("broken.pem", content);
    when_looked_at();
    EXPECT_EQ(Shown(server, dev), first.certificate);
  }
  std::filesystem::remove(dev.authority.Path("broken.pem"));
  when_looked_at();
  EXPECT_EQ(Shown(server, dev), first.certificate);
  dev.Write("broken", second);
  EXPECT_TRUE(Shows(server, dev, second));
}

TEST(TlsRotationTest, AnAuthorityIsAddedAndTakenAway) {
  const TestAuthority dev;
  const TestAuthority next;
  const TlsServer server(dev.authority.FilesOf("tenant-registry"));
  const std::string old_root = dev.RootPem();
  const auto ask = [&](const TestAuthority& of) {
    const KeyedCertificate presented = of.Issue(DevLeaf("call-tracking", "service/call-tracking"));
    return AskOnce(server.address(), Stranger(old_root, presented)).ok();
  };
  EXPECT_TRUE(ask(dev));
  EXPECT_FALSE(ask(next));
  dev.folder.Write("authority.pem", old_root + next.RootPem());
  EXPECT_TRUE(WaitUntil([&] { return ask(next); }));
  EXPECT_TRUE(ask(dev));
  dev.folder.Write("authority.pem", next.RootPem());
  EXPECT_TRUE(WaitUntil([&] { return !ask(dev); }));
  EXPECT_TRUE(ask(next));
}

}  // namespace
}  // namespace veille::testing
