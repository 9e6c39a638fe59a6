#include "common/operations/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>

namespace veille::operations {
namespace {

constexpr metrics::Family kCpu{"process_cpu_seconds_total", "Processor time, user and system."};
constexpr metrics::Family kResident{"process_resident_memory_bytes", "Memory in RAM."};
constexpr metrics::Family kVirtual{"process_virtual_memory_bytes", "Memory addressed."};
constexpr metrics::Family kFiles{"process_open_fds", "Open files and sockets."};
constexpr metrics::Family kMostFiles{"process_max_fds", "How many may be open."};
constexpr metrics::Family kStart{"process_start_time_seconds", "When it started (Unix time)."};
constexpr metrics::Family kThreads{"process_threads", "Threads."};

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// In seconds since the machine's start and Unix time.
std::optional<double> BootTime() {
  std::ifstream file("/proc/stat");
  std::string word;
  while (file >> word) {
    double time = 0;
    if (word == "btime" && file >> time) return time;
  }
  return std::nullopt;
}

// Fields of proc(5) behind the name: the first is the state (3).
void ExposeStat(metrics::Scrape& scrape) {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  for (int number = 3; fields >> field && number <= 24; ++number) {
    if (number == 20) scrape.Gauge(kThreads, {}, std::stod(field));
    if (number == 22) {
      const std::optional<double> boot = BootTime();
      const double ticks = std::stod(field) / static_cast<double>(sysconf(_SC_CLK_TCK));
      if (boot.has_value()) scrape.Gauge(kStart, {}, *boot + ticks);
    }
    if (number == 23) scrape.Gauge(kVirtual, {}, std::stod(field));
    if (number == 24) {
      const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
      scrape.Gauge(kResident, {}, std::stod(field) * page);
    }
  }
}

}  // namespace

void ExposeProcess(metrics::Scrape& scrape) {
  rusage usage = {};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    scrape.Total(kCpu, {}, SecondsOf(usage.ru_utime) + SecondsOf(usage.ru_stime));
  }
  ExposeStat(scrape);
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (!error) {
    const auto count = std::distance(begin(files), end(files)) - 1;  // that of this look
    scrape.Gauge(kFiles, {}, static_cast<double>(count));
  }
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    scrape.Gauge(kMostFiles, {}, static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace veille::operations
