/**
 * What a program sees of our environment: what it cannot run or reach the network without. Programs of others have no
 * business with our keys.
 */
import type * as Redacted from "effect/Redacted"
import type { StdioOptions } from "../Mcp.ts"

export const environment = (
  own: StdioOptions["env"] = {},
  ours: Readonly<Record<string, string | undefined>>
): Record<string, string | Redacted.Redacted<string>> => {
  const inherited = Object.entries(ours).flatMap(([name, value]) =>
    // A shell function, which an old bug of shells runs.
    value === undefined || value.startsWith("()") || !isNeeded.test(name) ? [] : [[name, value] as const]
  )
  return { ...Object.fromEntries(inherited), ...own }
}

/** In any case: proxies are written in small letters and in capitals, and Windows makes no difference. */
const isNeeded = new RegExp(
  `^(?:${
    [
      // What the reference implementation hands on.
      "HOME|LOGNAME|PATH|SHELL|TERM|USER",
      "APPDATA|COMSPEC|HOMEDRIVE|HOMEPATH|LOCALAPPDATA|PATHEXT|PROCESSOR_ARCHITECTURE|PROGRAMDATA",
      "PROGRAMFILES|PROGRAMFILES\\(X86\\)|SYSTEMDRIVE|SYSTEMROOT|USERNAME|USERPROFILE|WINDIR",
      "TMPDIR|TEMP|TMP|XDG_[A-Z]+_(?:HOME|DIR)",
      "LANG|LANGUAGE|LC_[A-Z]+|TZ",
      // Proxies, and who is trusted: of Node, Deno, OpenSSL, Python, curl, Git, AWS, Cargo, npm and pip.
      "(?:HTTPS?|ALL|FTP|NO|WSS?)_PROXY|NODE_USE_ENV_PROXY|NPM_CONFIG_(?:HTTPS?[_-])?PROXY|NPM_CONFIG_NO_?PROXY",
      "SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS|NODE_USE_SYSTEM_CA|DENO_CERT|DENO_TLS_CA_STORE|REQUESTS_CA_BUNDLE",
      "CURL_CA_BUNDLE|GIT_SSL_CAINFO|AWS_CA_BUNDLE|CARGO_HTTP_CAINFO|NPM_CONFIG_CAFILE|PIP_CERT|UV_(?:NATIVE|SYSTEM)_(?:TLS|CERTS)"
    ].join("|")
  })$`,
  "i"
)
