#pragma once

// The one place where what libpqxx throws becomes a status.

#include <exception>
#include <string_view>

#include "absl/status/status.h"

namespace veille::db {

struct SqlFailure {
  enum class Next {
    kGiveUp,     // answer the status
    kRunAgain,   // serialization failure or deadlock: the same connection will do
    kReconnect,  // the connection is gone; nothing was committed
    kLookUp,     // the connection went during COMMIT: only the database knows, ask it again
  };
  Next next = Next::kGiveUp;
  absl::Status status;
};

// Logs the SQLSTATE with the name of the last query and gives the way on. Never a value: the text
// of an error can quote one.
SqlFailure ToSqlFailure(std::exception_ptr exception, std::string_view query_name);

}  // namespace veille::db
