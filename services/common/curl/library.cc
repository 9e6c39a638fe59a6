#include "common/curl/library.h"

#include <dlfcn.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace veille::curl {
namespace {

// deploy/containers/runtime-root looks for this name in a program: the loader does not say it.
constexpr char kFileName[] = "libcurl.so.4";

Library library{};

template <typename Function>
absl::Status Find(void* loaded, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(loaded, name));
  if (function != nullptr) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(kFileName, " has no ", name));
}

absl::Status FindAll(void* loaded) {
#define FIND(function) RETURN_IF_ERROR(Find(loaded, "curl_" #function, library.function))
  FIND(global_init);
  FIND(free);
  FIND(easy_init);
  FIND(easy_setopt);
  FIND(easy_perform);
  FIND(easy_getinfo);
  FIND(easy_strerror);
  FIND(easy_cleanup);
  FIND(slist_append);
  FIND(slist_free_all);
  FIND(multi_init);
  FIND(multi_setopt);
  FIND(multi_add_handle);
  FIND(multi_remove_handle);
  FIND(multi_perform);
  FIND(multi_poll);
  FIND(multi_wakeup);
  FIND(multi_info_read);
  FIND(multi_cleanup);
  FIND(url);
  FIND(url_set);
  FIND(url_get);
  FIND(url_cleanup);
#undef FIND
  return absl::OkStatus();
}

absl::Status LoadOnce() {
  void* const loaded = dlopen(kFileName, RTLD_NOW | RTLD_LOCAL);
  if (loaded == nullptr) return absl::UnavailableError(absl::StrCat(kFileName, " is not here"));
  RETURN_IF_ERROR(FindAll(loaded));
  if (library.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return absl::UnavailableError("libcurl cannot be set up");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Load() {
  static const absl::Status& loaded = *new absl::Status(LoadOnce());
  return loaded;
}

const Library& Loaded() { return library; }

}  // namespace veille::curl
