#include "veillectl/dev_authority/certificate_authority.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace veille::veillectl {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

// Extensions as OpenSSL's configuration writes them.
using Extensions = std::vector<std::pair<int, std::string>>;

Extensions OfAuthority() {
  return {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
          {NID_key_usage, "critical,keyCertSign,cRLSign"},
          {NID_subject_key_identifier, "hash"}};
}

Extensions Of(const Leaf& leaf) {
  return {{NID_basic_constraints, "critical,CA:FALSE"},
          {NID_key_usage, "critical,digitalSignature"},
          {NID_ext_key_usage, leaf.usages},
          {NID_subject_key_identifier, "hash"}};
}

absl::Status Refused(const char* what) {
  ERR_clear_error();
  return absl::InternalError(absl::StrCat("OpenSSL refused to make ", what));
}

absl::StatusOr<std::shared_ptr<EVP_PKEY>> NewKey() {
  std::shared_ptr<EVP_PKEY> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  if (key == nullptr) return Refused("a key");
  return key;
}

bool SetSerial(X509* certificate) {
  const Owned<BIGNUM> serial(BN_new());
  return serial != nullptr &&
         BN_rand(serial.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

// The names of a subject, none of them read as configuration.
Owned<GENERAL_NAMES> NamesOf(const Leaf& leaf) {
  Owned<GENERAL_NAMES> names(GENERAL_NAMES_new());
  const auto add = [&](int kind, const std::string& text) {
    GENERAL_NAME* name = a2i_GENERAL_NAME(nullptr, nullptr, nullptr, kind, text.c_str(), 0);
    return name != nullptr && sk_GENERAL_NAME_push(names.get(), name) > 0;
  };
  bool added = names != nullptr;
  for (const std::string& uri : leaf.uris) added = added && add(GEN_URI, uri);
  for (const std::string& host : leaf.hosts) added = added && add(GEN_DNS, host);
  for (const std::string& address : leaf.addresses) added = added && add(GEN_IPADD, address);
  return added ? std::move(names) : nullptr;
}

bool AddExtensions(X509* certificate, X509* issuer, const Extensions& extensions) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const auto& [kind, value] : extensions) {
    const Owned<X509_EXTENSION> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) return false;
  }
  if (issuer == certificate) return true;
  // Which of two authorities of one name signed: the name alone does not tell after a renewal.
  const Owned<X509_EXTENSION> signer(
      X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always"));
  return signer != nullptr && X509_add_ext(certificate, signer.get(), -1) == 1;
}

// Everything but the signature. `issuer` is null for one that signs itself.
absl::StatusOr<std::shared_ptr<X509>> Unsigned(const Leaf& leaf, EVP_PKEY* key, X509* issuer,
                                               const Extensions& extensions) {
  std::shared_ptr<X509> made(X509_new(), X509_free);
  X509* const certificate = made.get();
  const Owned<GENERAL_NAMES> names = NamesOf(leaf);
  if (certificate == nullptr || names == nullptr) return Refused("the names of a certificate");
  X509_NAME* const subject = X509_get_subject_name(certificate);
  const auto* name = reinterpret_cast<const unsigned char*>(leaf.name.c_str());
  const bool done =
      X509_set_version(certificate, X509_VERSION_3) == 1 && SetSerial(certificate) &&
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1 &&
      X509_set_issuer_name(certificate,
                           issuer == nullptr ? subject : X509_get_subject_name(issuer)) == 1 &&
      ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(leaf.begins)) != nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(leaf.ends)) != nullptr &&
      X509_set_pubkey(certificate, key) == 1 &&
      AddExtensions(certificate, issuer == nullptr ? certificate : issuer, extensions) &&
      (sk_GENERAL_NAME_num(names.get()) == 0 ||
       X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) == 1);
  if (!done) return Refused("a certificate");
  return made;
}

absl::StatusOr<std::shared_ptr<X509>> Signed(std::shared_ptr<X509> certificate, EVP_PKEY* by) {
  if (X509_sign(certificate.get(), by, EVP_sha256()) == 0) return Refused("a signature");
  return certificate;
}

std::string PemOf(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return std::string(text, static_cast<size_t>(size));
}

absl::StatusOr<KeyedCertificate> ToText(X509* certificate, EVP_PKEY* key) {
  const Owned<BIO> public_part(BIO_new(BIO_s_mem()));
  const Owned<BIO> secret(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_X509(public_part.get(), certificate) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(secret.get(), key, nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return Refused("PEM");
  }
  return KeyedCertificate{.certificate = PemOf(public_part.get()), .key = PemOf(secret.get())};
}

}  // namespace

absl::StatusOr<CertificateAuthority> CertificateAuthority::Generate(const std::string& name,
                                                                    absl::Time begins,
                                                                    absl::Time ends) {
  ASSIGN_OR_RETURN(auto key, NewKey());
  Leaf root;
  root.name = name;
  root.begins = begins;
  root.ends = ends;
  ASSIGN_OR_RETURN(auto made, Unsigned(root, key.get(), nullptr, OfAuthority()));
  ASSIGN_OR_RETURN(auto certificate, Signed(std::move(made), key.get()));
  return CertificateAuthority(std::move(certificate), std::move(key));
}

absl::StatusOr<CertificateAuthority> CertificateAuthority::FromPem(const KeyedCertificate& texts) {
  const Owned<BIO> certificate_text(
      BIO_new_mem_buf(texts.certificate.data(), static_cast<int>(texts.certificate.size())));
  const Owned<BIO> key_text(BIO_new_mem_buf(texts.key.data(), static_cast<int>(texts.key.size())));
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  std::shared_ptr<X509> certificate(
      PEM_read_bio_X509(certificate_text.get(), nullptr, no_passphrase, nullptr), X509_free);
  std::shared_ptr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(key_text.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
  const bool match = certificate != nullptr && key != nullptr &&
                     X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!match) return absl::InvalidArgumentError("no certificate and its key in PEM");
  return CertificateAuthority(std::move(certificate), std::move(key));
}

absl::StatusOr<KeyedCertificate> CertificateAuthority::Issue(const Leaf& leaf) const {
  ASSIGN_OR_RETURN(const auto key, NewKey());
  ASSIGN_OR_RETURN(auto made, Unsigned(leaf, key.get(), certificate_.get(), Of(leaf)));
  ASSIGN_OR_RETURN(const auto certificate, Signed(std::move(made), key_.get()));
  return ToText(certificate.get(), key.get());
}

absl::StatusOr<KeyedCertificate> CertificateAuthority::ToPem() const {
  return ToText(certificate_.get(), key_.get());
}

absl::StatusOr<KeyedCertificate> SelfSigned(const Leaf& leaf) {
  ASSIGN_OR_RETURN(const auto key, NewKey());
  ASSIGN_OR_RETURN(auto made, Unsigned(leaf, key.get(), nullptr, Of(leaf)));
  ASSIGN_OR_RETURN(const auto certificate, Signed(std::move(made), key.get()));
  return ToText(certificate.get(), key.get());
}

}  // namespace veille::veillectl
