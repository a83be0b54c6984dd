/**
 * What is wrong with a server's certificate, in words that say what to do. Asking again cannot help.
 */

/** Why the server at `place` is not trusted, by the code of the error; nothing where it is about something else. */
export const describe = (code: string, said: string, place: string): string | undefined => {
  const advice = /wrong.version.number/i.test(`${code} ${said}`) ? noTls : found.get(code)
  if (advice !== undefined) return advice(place, said, code)
  return code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_") || code === "EPROTO"
    ? `no TLS connection to ${place} could be made: ${said}. Check the base URL, and which versions of TLS the server speaks`
    : undefined
}

type Advice = (place: string, said: string, code: string) => string

const noTls: Advice = (place) => `the server at ${place} speaks no TLS: write http:// in place of https://`

const untrusted: Advice = (place, _, code) =>
  `the certificate of ${place} is signed by nobody that this machine trusts (${code}): where that is right (a server or a ` +
  "proxy of your own), write its authority's certificate into a file, and name the file in NODE_EXTRA_CA_CERTS before the " +
  "program starts"

const expired: Advice = (place) =>
  `the certificate of ${place} has expired: its owner has to renew it, unless the clock of this machine is wrong`

const early: Advice = (place) => `the certificate of ${place} is not valid yet: check the clock of this machine`

const otherHost: Advice = (place, said) =>
  `the certificate of ${place} is for other hosts, so that somebody else may be answering there: check the base URL (${said})`

const revoked: Advice = (place) => `the certificate of ${place} has been revoked: its owner has to get another one`

const found: ReadonlyMap<string, Advice> = new Map([
  ["DEPTH_ZERO_SELF_SIGNED_CERT", untrusted],
  ["SELF_SIGNED_CERT_IN_CHAIN", untrusted],
  ["UNABLE_TO_GET_ISSUER_CERT", untrusted],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", untrusted],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", untrusted],
  ["CERT_UNTRUSTED", untrusted],
  ["CERT_HAS_EXPIRED", expired],
  ["CERT_NOT_YET_VALID", early],
  ["CERT_REVOKED", revoked],
  ["ERR_TLS_CERT_ALTNAME_INVALID", otherHost],
  ["HOSTNAME_MISMATCH", otherHost]
])
