#pragma once

// Early return on an error, in plain functions and (CO_) in coroutines.
//
//   RETURN_IF_ERROR(expression);                  // absl::Status
//   ASSIGN_OR_RETURN(const Partner partner, partners.Get(id));   // absl::StatusOr<Partner>

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define VEILLE_STATUS_CONCAT_INNER(a, b) a##b
#define VEILLE_STATUS_CONCAT(a, b) VEILLE_STATUS_CONCAT_INNER(a, b)

#define VEILLE_RETURN_IF_ERROR(keyword, expression) \
  do {                                              \
    absl::Status veille_status = (expression);      \
    if (!veille_status.ok()) keyword veille_status; \
  } while (false)

#define VEILLE_ASSIGN_OR_RETURN(keyword, temporary, target, expression) \
  auto temporary = (expression);                                        \
  if (!temporary.ok()) keyword std::move(temporary).status();           \
  target = *std::move(temporary)

#define RETURN_IF_ERROR(expression) VEILLE_RETURN_IF_ERROR(return, expression)
#define CO_RETURN_IF_ERROR(expression) VEILLE_RETURN_IF_ERROR(co_return, expression)

#define ASSIGN_OR_RETURN(target, ...) \
  VEILLE_ASSIGN_OR_RETURN(return, VEILLE_STATUS_CONCAT(veille_or_, __LINE__), target, (__VA_ARGS__))
#define CO_ASSIGN_OR_RETURN(target, ...)                                                 \
  VEILLE_ASSIGN_OR_RETURN(co_return, VEILLE_STATUS_CONCAT(veille_or_, __LINE__), target, \
                          (__VA_ARGS__))
