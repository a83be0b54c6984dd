/** How services say that a key is wrong, missing, or may not do this. */
import { error, means } from "../../support/errors.ts"

means("Authentication", "a wrong key", [
  [400, error("No auth credentials found")],
  [400, error("Authorization header is required")],
  [400, error("Access token expired")],
  [400, error("invalid_token")],
  [400, { error: "invalid_token" }],
  ["stream", { base_resp: { status_code: 1004, status_msg: "no" } }],
  [403, "<html><title>403 Forbidden</title>cloudflare</html>"],
  [403, error("Your account does not have access to model x")],
  [401, error("User not found.", { code: 401 })],
  [401, error("Your authentication token has expired. Limit reached")],
  [403, error("Forbidden")],
  ["stream", error("Invalid API key provided")],
  [500, error("No api key passed in.", { code: "401", type: "auth_error" })],
  [400, error("Missing or invalid Authorization header")],
  [400, error("API key expired. Please renew the API key.")],
  [400, [
    error("API key not valid. Please pass a valid API key.", {
      code: 400,
      status: "INVALID_ARGUMENT",
      details: [{ reason: "API_KEY_INVALID" }]
    })
  ]],
  [400, {
    code: "Client specified an invalid argument",
    error: "Incorrect API key provided: xa***. You can obtain an API key from https://console.x.ai."
  }],
  [400, error("invalid api key")],
  [
    500,
    error("litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect API key provided", {
      code: "401"
    })
  ],
  [403, error("Country not supported")],
  [400, error("Model access is denied due to IAM user or service role is not authorized")],
  [400, error("This organization has been disabled.", {})],
  [401, error("无效的令牌")],
  [400, error("API Key not found. Please pass a valid API key.", { status: "INVALID_ARGUMENT" })],
  [400, { code: "InvalidApiKey", message: "Invalid API-key provided." }],
  [400, { error_code: "UNAUTHENTICATED", message: "Request to generate access token failed" }],
  [400, error("The security token included in the request is invalid.")],
  [403, { message: "The security token included in the request is invalid.", __type: "UnrecognizedClientException" }],
  [400, error("令牌已过期或验证不正确", { code: "1000" })],
  [400, error("Authentication Fails, Your api key: ****dead is invalid", { type: "authentication_error" })],
  [400, error("Bearer token is malformed")],
  [
    400,
    error(
      "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth"
    )
  ],
  [
    400,
    error(
      "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription"
    )
  ],
  [500, error("Authentication Error, No api key passed in.", { type: "auth_error", code: "401" })],
  [
    500,
    error("Authentication Error, Invalid proxy server token passed. Received API Key = sk-...1234", {
      type: "token_not_found_in_db",
      code: "401"
    })
  ],
  [400, { errors: [{ code: 10000, message: "Authentication error" }], success: false }],
  [400, error("the api key has been revoked")],
  [400, error("API key is disabled")],
  [400, error("Unauthorized")],
  [400, error("Login fail: Please carry the API secret key in the 'Authorization' field of the request header")],
  [400, { error: { message: "Invalid IAM token" } }],
  [500, error("401 Unauthorized")],
  [498, { message: "no api key supplied" }],
  [400, error("Organization has been restricted. Please reach out to support.", { code: "organization_restricted" })]
])
