#include "common/tls/material.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace veille::tls {
namespace {

constexpr size_t kMostBytes = 1 << 20;  // an authority may be a bundle of many roots

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

absl::Status Refused(const std::string& path, const std::string& why) {
  return absl::InvalidArgumentError(absl::StrCat("the file ", path, " ", why));
}

absl::StatusOr<std::string> ReadFile(const std::string& path, bool secret) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return Refused(path, absl::StrCat("cannot be opened: ", std::strerror(errno)));
  const absl::Cleanup closing = [file] { close(file); };
  // Of the open file, so that it cannot be exchanged in between.
  struct stat about = {};
  if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) return Refused(path, "is not a file");
  if (secret && (about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Refused(path, absl::StrCat("is open to others than its owner; run: chmod 600 ", path));
  }
  std::string content;
  std::array<char, 4096> bytes;
  ssize_t count = 0;
  while ((count = read(file, bytes.data(), bytes.size())) > 0) {
    content.append(bytes.data(), static_cast<size_t>(count));
    if (content.size() > kMostBytes) return Refused(path, "is longer than 1 MiB");
  }
  if (count < 0) return Refused(path, "cannot be read");
  return content;
}

Owned<BIO> Reading(const std::string& content) {
  return Owned<BIO>(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
}

absl::StatusOr<std::vector<Owned<X509>>> ReadCertificates(const std::string& path,
                                                          const std::string& content) {
  std::vector<Owned<X509>> certificates;
  const Owned<BIO> bio = Reading(content);
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(one);
  }
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (certificates.empty() && ended) return Refused(path, "holds no certificate in PEM");
  if (!ended) return Refused(path, "holds a certificate that cannot be read");
  return certificates;
}

// OpenSSL must not ask the terminal for a passphrase.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::StatusOr<Owned<EVP_PKEY>> ReadKey(const std::string& path, const std::string& content) {
  const Owned<BIO> bio = Reading(content);
  Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  if (key == nullptr) return Refused(path, "holds no private key in PEM, without a passphrase");
  return key;
}

absl::Status CheckValidity(const std::string& path, const X509& certificate, absl::Time now) {
  time_t seconds = absl::ToTimeT(now);
  if (X509_cmp_time(X509_get0_notBefore(&certificate), &seconds) > 0) {
    return Refused(path, "holds a certificate that is not valid yet");
  }
  if (X509_cmp_time(X509_get0_notAfter(&certificate), &seconds) < 0) {
    return Refused(path, "holds a certificate that has expired");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadPair(const Files& files, absl::Time now) {
  ASSIGN_OR_RETURN(std::string certificate, ReadFile(files.certificate, /*secret=*/false));
  ASSIGN_OR_RETURN(const auto chain, ReadCertificates(files.certificate, certificate));
  RETURN_IF_ERROR(CheckValidity(files.certificate, *chain.front(), now));
  ASSIGN_OR_RETURN(const std::string key_text, ReadFile(files.key, /*secret=*/true));
  ASSIGN_OR_RETURN(const auto key, ReadKey(files.key, key_text));
  const bool match = X509_check_private_key(chain.front().get(), key.get()) == 1;
  ERR_clear_error();
  if (!match) {
    return Refused(files.key,
                   absl::StrCat("is not the key of the certificate in ", files.certificate));
  }
  return absl::StrCat(certificate, "\n", key_text);
}

}  // namespace

absl::StatusOr<Material> ReadMaterial(const Files& files, absl::Time now) {
  Material material;
  if (files.certificate.empty() != files.key.empty()) {
    return absl::InvalidArgumentError("a certificate needs its key, and a key its certificate");
  }
  if (!files.certificate.empty()) {
    ASSIGN_OR_RETURN(material.pair, ReadPair(files, now));
  }
  ASSIGN_OR_RETURN(material.authority, ReadFile(files.authority, /*secret=*/false));
  RETURN_IF_ERROR(ReadCertificates(files.authority, material.authority).status());
  return material;
}

}  // namespace veille::tls
