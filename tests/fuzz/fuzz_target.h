#pragma once

// What a fuzzer calls: libFuzzer's own entry point. The corpus is run by the ordinary tests too
// (corpus_test.cc); the fuzzers themselves by `tests/run --fuzz=SECONDS`.
//
// A target returns 0 whatever the input is; what is wrong it aborts for.

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
