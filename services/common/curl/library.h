#pragma once

// libcurl, loaded when it is first needed: with all that it brings along it costs an idle service
// memory, and many installations fetch keys from a file and have no partner with a webhook.
//
//   RETURN_IF_ERROR(curl::Load());
//   CURL* handle = curl::Loaded().easy_init();
//
// The functions are libcurl's own under their own names, without `curl_`. Only this folder loads
// and initialises the library; it stays until the process ends. Threads: any.

#include <curl/curl.h>

#include "absl/status/status.h"

namespace veille::curl {

struct Library {
  decltype(&curl_global_init) global_init;
  decltype(&curl_free) free;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_perform) easy_perform;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
  decltype(&curl_multi_init) multi_init;
  decltype(&curl_multi_setopt) multi_setopt;
  decltype(&curl_multi_add_handle) multi_add_handle;
  decltype(&curl_multi_remove_handle) multi_remove_handle;
  decltype(&curl_multi_perform) multi_perform;
  decltype(&curl_multi_poll) multi_poll;
  decltype(&curl_multi_wakeup) multi_wakeup;
  decltype(&curl_multi_info_read) multi_info_read;
  decltype(&curl_multi_cleanup) multi_cleanup;
  decltype(&curl_url) url;
  decltype(&curl_url_set) url_set;
  decltype(&curl_url_get) url_get;
  decltype(&curl_url_cleanup) url_cleanup;
};

// Loads it, the first time. UNAVAILABLE when it is not on this machine, or is another libcurl than
// the one this was written for; the same answer from then on.
absl::Status Load();

// After a Load() that was OK.
const Library& Loaded();

}  // namespace veille::curl
