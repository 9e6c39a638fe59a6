#pragma once

// As many volunteers as a large installation has, each with a connection of its own.
//
//   Crowd crowd(programme, {.landlords = 2, .volunteers = 5000});
//   crowd.ConnectAndLease();
//   EXPECT_EQ(crowd.leased(), 10'000);

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "e2e/programme.h"
#include "e2e/story.h"

namespace veille::e2e {

// Lets this process, and what it starts from now on, have that many files open; false when the
// machine does not.
bool AllowOpenFiles(size_t files);

struct CrowdSize {
  int landlords = 1;
  int volunteers = 2000;  // of each landlord
};

class Crowd {
 public:
  // Each landlord has a household for each of its volunteers, and a campaign that calls them all.
  Crowd(Programme& programme, CrowdSize size);

  // Every volunteer connects and leases a household; what fails is a test failure. The connections
  // stand until the end.
  void ConnectAndLease();

  int size() const { return size_.landlords * size_.volunteers; }
  int leased() const { return leased_; }
  // How many connections stand now.
  int connected() const;

 private:
  void Import(const Story& story);
  void Enrol(int volunteer);
  void Lease(int volunteer);
  const Story& StoryOf(int volunteer) const { return *stories_[volunteer / size_.volunteers]; }
  // One after the other for each volunteer, by several threads.
  void ForEach(void (Crowd::*act)(int volunteer));

  Programme& programme_;
  const CrowdSize size_;
  std::vector<std::unique_ptr<Story>> stories_;
  std::vector<std::unique_ptr<veillectl::Connection>> connections_;
  std::atomic<int> leased_ = 0;
};

}  // namespace veille::e2e
