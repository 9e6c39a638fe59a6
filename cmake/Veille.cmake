# How everything in this project is compiled, and the four functions that declare it.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# The same for libraries and programs, so that they share precompiled headers.
add_compile_options(-fPIC)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")

set(VEILLE_SANITIZE "" CACHE STRING "Empty, address (with leak and undefined) or thread")
option(VEILLE_FUZZ "Build the fuzzers of tests/fuzz" OFF)
add_link_options(-fuse-ld=lld-19)
add_compile_options(-fno-omit-frame-pointer -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(VEILLE_SANITIZE STREQUAL "address")
  add_compile_options(-O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
elseif(VEILLE_SANITIZE STREQUAL "thread")
  add_compile_options(-O1 -fsanitize=thread)
  add_link_options(-fsanitize=thread)
elseif(NOT VEILLE_SANITIZE STREQUAL "")
  message(FATAL_ERROR "VEILLE_SANITIZE is address, thread or empty, not '${VEILLE_SANITIZE}'")
endif()

# A whole build is shorter when the files of a library are compiled together, and the change of one file
# longer: for tests/run, not for the folder that one works in (preset dev). Names that are local to a
# file must then differ within its library.
option(VEILLE_UNITY "Compile the files of a library together" OFF)

if(VEILLE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# The compiler cache is used when it is there. Precompiled headers need both settings to be cached.
find_program(VEILLE_CCACHE ccache)
if(VEILLE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${VEILLE_CCACHE})
  add_compile_options(
    $<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang\ -fno-pch-timestamp>)
endif()
set(CMAKE_PCH_INSTANTIATE_TEMPLATES ON)

# Our own code is held to stricter warnings than what protoc generates.
set(VEILLE_WARNINGS -Wall -Wextra -Werror -Wnon-virtual-dtor -Wimplicit-fallthrough
    -Wno-missing-field-initializers -Wno-missing-designated-field-initializers)

# The headers that cost most to parse (gRPC, Protocol Buffers, Abseil), once per build folder.
set(VEILLE_COSTLY_HEADERS
    <grpcpp/grpcpp.h> <google/protobuf/message.h> <google/protobuf/timestamp.pb.h>
    <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/time/time.h>
    <absl/container/flat_hash_map.h> <absl/synchronization/mutex.h>
    <coroutine> <functional> <memory> <optional> <string> <vector>)
set(VEILLE_EVERYWHERE veille_proto gRPC::grpc++ absl::status absl::statusor absl::strings absl::time
    absl::flat_hash_map absl::flat_hash_set absl::synchronization absl::cord Threads::Threads)

# veille_precompiled_headers(name [WITH_CODE] [HEADERS …] [DEPS …] [OPTIONS …]): the costly headers and
# those, for targets that are compiled with the same options. WITH_CODE: the inline functions of these
# headers are compiled once, into the library `name`_code, which the targets then link, and no more in
# each of their files. For code that is not optimised: the optimiser would read them in each file all the same.
function(veille_precompiled_headers name)
  cmake_parse_arguments(ARG "WITH_CODE" "" "HEADERS;DEPS;OPTIONS" ${ARGN})
  set(carrier "${CMAKE_BINARY_DIR}/${name}.cc")
  file(CONFIGURE OUTPUT "${carrier}" CONTENT "// Carries the precompiled headers.\n")
  add_library(${name} STATIC "${carrier}")
  target_compile_options(${name} PRIVATE ${ARG_OPTIONS})
  target_link_libraries(${name} PUBLIC ${VEILLE_EVERYWHERE} ${ARG_DEPS})
  target_precompile_headers(${name} PRIVATE ${VEILLE_COSTLY_HEADERS} ${ARG_HEADERS})
  if(ARG_WITH_CODE)
    target_compile_options(${name} PRIVATE -fpch-codegen)
    set(headers "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${name}.dir/cmake_pch.hxx.pch")
    set(code "${CMAKE_CURRENT_BINARY_DIR}/${name}_code.o")
    add_custom_command(
      OUTPUT "${code}"
      COMMAND "${CMAKE_CXX_COMPILER}" ${ARG_OPTIONS} -fPIC -fno-omit-frame-pointer -ffunction-sections
              -c "${headers}" -o "${code}"
      DEPENDS "${headers}"
      COMMENT "Compiling the inline functions of ${name}"
      VERBATIM)
    add_library(${name}_code STATIC "${code}")
    set_source_files_properties("${code}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
    set_target_properties(${name}_code PROPERTIES LINKER_LANGUAGE CXX)
    target_link_libraries(${name}_code PUBLIC ${VEILLE_EVERYWHERE} ${ARG_DEPS})
    # What nobody calls goes, with its calls of what the installed libraries do not have.
    target_link_options(${name}_code INTERFACE -Wl,--gc-sections)
  endif()
endfunction()

# What every target shares; `headers` names its precompiled headers.
function(veille_compile_settings target headers)
  target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}/services")
  target_compile_options(${target} PRIVATE ${VEILLE_WARNINGS})
  target_precompile_headers(${target} REUSE_FROM ${headers})
  target_link_libraries(${target} PUBLIC ${VEILLE_EVERYWHERE})
endfunction()

# veille_library(name SOURCES a.cc … [DEPS other …] [HEADERS other_pch]): one folder of services/.
function(veille_library name)
  cmake_parse_arguments(ARG "" "HEADERS" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_HEADERS)
    set(ARG_HEADERS veille_pch)
  endif()
  add_library(${name} STATIC ${ARG_SOURCES})
  if(VEILLE_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
  endif()
  veille_compile_settings(${name} ${ARG_HEADERS})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS})
endfunction()

# veille_binary(name SOURCES main.cc DEPS …): one program, in <build>/bin.
function(veille_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  veille_compile_settings(${name} veille_pch)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  veille_link_tsan_shim(${name})
  if(VEILLE_SANITIZE STREQUAL "")
    # What nobody calls, and what is there twice, is no part of an idle service's memory.
    target_link_options(${name} PRIVATE -Wl,--gc-sections -Wl,--icf=safe)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
endfunction()

# ThreadSanitizer builds only: tells it what the uninstrumented libraries order (tsan_shim.cc).
function(veille_link_tsan_shim target)
  if(NOT VEILLE_SANITIZE STREQUAL "thread")
    return()
  endif()
  if(NOT TARGET veille_tsan_shim)
    add_library(veille_tsan_shim OBJECT "${CMAKE_SOURCE_DIR}/tests/testing/tsan_shim.cc")
    target_link_libraries(veille_tsan_shim PRIVATE gRPC::grpc++ absl::synchronization)
  endif()
  target_link_libraries(${target} PRIVATE veille_tsan_shim gRPC::grpc++ gRPC::grpc gRPC::gpr
                                          absl::synchronization ${CMAKE_DL_LIBS})
endfunction()

# veille_migrations(name SCOPE scope DIRECTORY dir): embeds dir/NNNN_*.sql, in order, as
# `const std::vector<db::Migration>& veille::migrations::<scope>()`, declared in
# "migrations/<scope>.h". The checksum of each is that of its text.
function(veille_migrations name)
  cmake_parse_arguments(ARG "" "SCOPE;DIRECTORY" "" ${ARGN})
  file(GLOB files CONFIGURE_DEPENDS "${ARG_DIRECTORY}/[0-9][0-9][0-9][0-9]_*.sql")
  list(SORT files)
  set(entries "")
  foreach(file IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    file(READ "${file}" text)
    file(SHA256 "${file}" checksum)
    get_filename_component(stem "${file}" NAME_WE)
    string(SUBSTRING "${stem}" 0 4 version)
    string(SUBSTRING "${stem}" 5 -1 title)
    string(REGEX REPLACE "^0+" "" version "${version}")
    string(APPEND entries "    {\"${ARG_SCOPE}\", ${version}, \"${title}\", \"${checksum}\", R\"sql~(${text})sql~\"},\n")
  endforeach()
  set(folder "${CMAKE_BINARY_DIR}/generated/migrations")
  file(CONFIGURE OUTPUT "${folder}/${ARG_SCOPE}.h" @ONLY CONTENT
"#pragma once
#include <vector>
#include \"common/db/migration.h\"
namespace veille::migrations {
const std::vector<db::Migration>& ${ARG_SCOPE}();
}  // namespace veille::migrations
")
  file(CONFIGURE OUTPUT "${folder}/${ARG_SCOPE}.cc" @ONLY CONTENT
"#include \"migrations/${ARG_SCOPE}.h\"
namespace veille::migrations {
const std::vector<db::Migration>& ${ARG_SCOPE}() {
  static const std::vector<db::Migration> all = {
${entries}  };
  return all;
}
}  // namespace veille::migrations
")
  add_library(${name} STATIC "${folder}/${ARG_SCOPE}.cc")
  target_include_directories(${name} PUBLIC "${CMAKE_BINARY_DIR}/generated" "${CMAKE_SOURCE_DIR}/services")
endfunction()
