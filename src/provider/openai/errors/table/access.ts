/**
 * Models that are not there, and keys that are not taken.
 */
import { checkKey, type Row } from "./row.ts"

const checkModel = "Check the model's name and the base URL"

export const access: ReadonlyArray<Row> = [
  {
    reason: "UnsupportedModel",
    kinds: ["unsupported_api_for_model"],
    says: [
      /does not work with the specified model|model .{0,120}too large to be loaded|model is marked by provider as/
    ],
    advice: checkModel
  },
  {
    reason: "Authentication",
    kinds: [
      "invalid_api_key",
      "api_key_invalid",
      "api_key_expired",
      "missing_api_key",
      "unauthenticated",
      "invalid_token",
      "base_resp_1004",
      "base_resp_2049"
    ],
    says: [
      /(invalid|incorrect|wrong|missing|no|expired|malformed|provide an?)( or missing)? (x-)?api[ _-]?key/,
      /api[ _-]?key( provided)?( is| was| has)? (not valid|invalid|not found|missing|expired|incorrect|required|not provided|(been )?(disabled|revoked|deleted))/,
      /api_key_invalid|invalid (authentication|credential|bearer token|auth token|iam token|subscription key)/,
      /^(error:? )?(code:? )?(401:? )?(- )?unauthorized\b|^authentication (error|fail)/,
      /in the 'authorization' (field|header)|security token included in the request|not authorized to (access|perform|invoke)/,
      /^(error: )?(model )?access (is |was )?denied\b|(organization|account|user) (has been|is) (disabled|deactivated|banned|restricted|terminated)/,
      /(令牌|密钥|api ?key).{0,10}(过期|无效|不正确|错误)|无效的.{0,6}(令牌|密钥|api)|身份验证失败/,
      /(missing|invalid|no)( or invalid)? authorization/,
      /no (cookie )?auth credentials|authorization header (is |was )?(required|missing|invalid|not )/,
      /(access|auth|bearer) token (is |was |has )?(expired|invalid|missing|required|malformed)|\binvalid_token\b/
    ],
    advice: checkKey
  },

  {
    reason: "UnsupportedModel",
    says: [/no models? (is |are )?(currently )?loaded/],
    advice: "Load a model in the server first (in LM Studio: `lms load`)"
  },
  {
    reason: "UnsupportedModel",
    status: [404],
    kinds: [
      "model_not_found",
      "invalid_model",
      "model_not_available",
      "model_not_supported",
      "model_decommissioned",
      "unknown_model",
      "deploymentnotfound",
      "resource_does_not_exist"
    ],
    advice: checkModel
  },
  {
    reason: "UnsupportedModel",
    says: [
      /\bmodels?\b.{0,120}(not found|not exist|decommissioned|been (deprecated|retired|removed|discontinued)|not a valid model|no longer available|end of (its )?life)/,
      /\b(engine|deployment|endpoint with name) .{0,60}not exist|\bon-demand throughput is/,
      /(unknown|no such|invalid|cannot find|could not find|unable to access|no available channels? for)( the)?( \S{1,40})? model\b/,
      /\bmodel (identifier|id|name)s?\b.{0,40}(invalid|not valid|unknown|not recognized)/,
      /not a (valid|supported|chat) model|no (allowed )?(endpoints|providers) (found|available)|could not find .{0,20}model/,
      // A refusal that says `not supported with this model` is about a parameter, and not about the model.
      /(?<!\b(for|with|by|of|on|in) ((the|this|your|that) )?)\bmodel (\S{1,100} )?(is |was )?(deprecated|retired|(not |un)supported)\b(?! (param|arg|option))/,
      /does not support (chat|generate)\b(?! ?templates?)|^model not support$/m,
      /模型.{0,20}(不存在|不可用|已?下线)|无可用渠道/
    ],
    at: [400, 410, 422, 435, "5xx", "stream"],
    advice: checkModel
  },
  // A server that is busy uses the same words, beside words such as `again` or `later`.
  {
    reason: "UnsupportedModel",
    says: [
      /(?<!\b(for|with|by|of|on|in) ((the|this|your|that) )?)\bmodel (\S{1,100} )?(is |was )?(not (currently )?|un)(available|loaded|enabled)\b/,
      /no (healthy )?deployments?\b.{0,40}(available|for this model)/
    ],
    unless: /again|retry|temporar|later|moment/,
    at: [400, 422],
    advice: checkModel
  },

  {
    reason: "Authentication",
    status: [401, 403],
    kinds: ["authentication_error", "authenticationerror", "permission_denied", "permission_error", "unauthorized"],
    advice: checkKey
  },
  { reason: "Timeout", status: [408] }
]
