/**
 * What providers mean by their errors: a table, read from its first row to its last. The first row that matches decides.
 *
 * Codes and types are what a provider means. Words are for the many services that share the words more than the codes: each
 * pattern is what at least one of them writes, and lower case is enough.
 */
import type * as LMError from "../../../lm/LMError.ts"
import { type Facts, kind } from "./facts.ts"

/** What an error may look like, and what it then means. A row matches by a status, by a code or type, or by words. */
export interface Row {
  readonly reason: LMError.Reason["_tag"]
  /** Statuses that are enough. */
  readonly status?: ReadonlyArray<number>
  /** Codes and types that are enough. */
  readonly kinds?: ReadonlyArray<string>
  /** Words that are enough. */
  readonly says?: ReadonlyArray<RegExp>
  /** The row is passed over where this is said. */
  readonly unless?: RegExp
  /** The row is passed over at other statuses than these; `stream` is an error inside a stream, which has none. */
  readonly at?: ReadonlyArray<number | "5xx" | "stream">
  /** The row is passed over where the provider says how long to wait: `true`; or where it does not: `false`. */
  readonly forever?: boolean
  /** What to do next. */
  readonly advice?: string
}

const perTime = /per[ _-]?(second|min|hour)|\b[rt]p[ms]\b|\b(tokens?|requests?) per day\b/
const shorten = "Shorten the messages, or use a model with a larger context"
const addCredit = "Waiting does not help: add credit, or raise the account's limit"
const checkKey = "Check the API key"
const checkModel = "Check the model's name and the base URL"

export const rows: ReadonlyArray<Row> = [
  // The model wrote a tool call that its provider could not read.
  {
    reason: "InvalidResponse",
    kinds: [
      "tool_use_failed",
      "tool_call_validation_failed",
      "malformed_function_call",
      "unexpected_tool_call",
      "output_parse_failed",
      "json_validate_failed"
    ],
    says: [
      /fail\w{0,20} to (call|generate) an? (tool|function)/,
      /pars\w{1,20} (the |an? |model'?s? )?(tool|function)[ _-]?calls?/,
      /(tool|function)[ _-]?(call|use)s? (validation|parsing|generation) (failed|error)/,
      /malformed[ _]?(tool|function)[ _]?call/,
      /failed_generation/,
      /attempted to call (a )?tool .{0,200} not in request/,
      /tool choice is none, but (the )?model called a tool/,
      /failed to parse input at pos \d/
    ],
    advice: "What the model wrote could not be read as a tool call"
  },

  // OpenAI adds that a payment method raises the limit.
  {
    reason: "RateLimited",
    says: [/rate limit (reached|exceeded)/],
    unless: /too large/,
    at: [429],
    forever: false
  },

  // Nothing left to spend.
  {
    reason: "QuotaExceeded",
    status: [402],
    kinds: [
      "insufficient_quota",
      "insufficient_user_quota",
      "insufficient_balance",
      "insufficient_credits",
      "insufficient_funds",
      "billing_hard_limit_reached",
      "billing_not_active",
      "exceeded_current_quota_error",
      "payment_required",
      "credits_exhausted",
      "arrearage",
      "billing_error",
      "accountoverdueerror",
      "budget_exceeded",
      "exceeded_budget",
      "allocationquota_freetieronly",
      "pre_consume_token_quota_failed",
      "base_resp_1008"
    ],
    says: [
      /insufficient[ _](account[ _])?(balance|credit|fund|quota)/,
      /(balance|credit)s? (is|are|has been|have been) (too low|insufficient|not enough|exhausted|depleted)/,
      /(not enough|not have enough|no|have any|no remaining|out of|used all available|requires? more|run out of) (account )?(balance|credit|fund)s?\b(?! (were|was) )/,
      /(please|need to) (recharge|top.?up)/,
      /\bkey limit exceeded/,
      /(spending|spend|billing|monthly usage|hard) (hard )?(limit|cap\b)/,
      /(?<!(tokens?|thinking|reasoning) )budget[ _]?(has been |was |is )?(exceeded|exhausted|reached)|exceeded[ _]?(your |the |token[ _]?)?budget/,
      /used up (all )?(of )?your [\w -]{0,30}(allocation|balance|credit|fund)/,
      /exceeded your [\w -]{0,30}(allocation|balance|credit|budget)s?\b/,
      /account is (suspended|overdue|in arrears|not active)/,
      /credit limit (exceeded|reached)|(used up|exhausted|depleted) (all |your )*(balance|credit|fund)/,
      /(add|no|valid) (a )?payment (method|instrument)|non-?payment|requires billing|billing to be enabled/,
      /valid credit card|overdue balance|(set|spending) [\w ]{0,20}limit [^.]{0,60}\bpaused/,
      /billing .{0,40}(not active|disabled|past due|overdue)|subscription (has )?(expired|lapsed)/,
      /quota exceeded for metric[^]{0,200}\blimit: 0\b/,
      /quota is not enough|usage limits?\. you will regain access|trial key.{0,60} \/ month/,
      /余额不足|欠费|额度不足|充值/
    ],
    advice: addCredit
  },
  // Providers say so of requests per minute too: those say how long to wait.
  {
    reason: "QuotaExceeded",
    kinds: ["quota_exceeded"],
    says: [
      /(exceed|reach|exhaust)\w{0,20} (of )?(your |the )?[\w' -]{0,30}quota/,
      /quota (has been |is |was )?(exceeded|exhausted|used up)|out of [\w ]{0,30}quota/,
      /usage limit (has been |is )?(reached|exceeded)|(reached|exceeded|hit) (your |the )?(\w{1,20} )?usage limit/,
      /free (tier|quota|trial|credit)s?\b.{0,60}(exhausted|used up|expired|ended)/
    ],
    unless: perTime,
    at: [400, 401, 403, 429, "stream"],
    forever: true,
    advice: addCredit
  },

  // A request that is larger than all that a rate limit allows for a minute never fits.
  {
    reason: "InvalidRequest",
    says: [/(request|prompt|input) (is )?too large[^]{0,400}(\btokens? per |\btp[md]\b)/],
    advice: "It is larger than the rate limit itself: shorten the messages, or raise the account's limit"
  },
  {
    reason: "InvalidRequest",
    kinds: ["rate_limit_exceeded", "rate_limit_error"],
    at: [413],
    advice: "It is larger than the rate limit itself: shorten the messages, or raise the account's limit"
  },

  { reason: "Authentication", status: [498], unless: /capacity/, at: [498], advice: checkKey },
  {
    reason: "RateLimited",
    status: [429, 498],
    kinds: [
      "rate_limit_exceeded",
      "rate_limit_error",
      "rate_limited",
      "rate_limit",
      "ratelimiterror",
      "too_many_requests",
      "throttling",
      "throttlingexception",
      "throttled",
      "base_resp_1002",
      "resource_exhausted",
      "engine_overloaded_error"
    ],
    says: [
      /(rate|request|concurrency) ?-?limit(s|ed|ing)?\b.{0,40}(reached|exceed|hit|upstream|error|quota)|rate.?limited/,
      /(exceed|reach|hit)\w{0,20} .{0,40}(rate|concurrency).?limit/,
      /too many (concurrent )?requests/,
      /\b(tokens?|requests?)( used)? per[ -](second|min|minute|hour|day)\b/,
      /requests? (was|were|is|are) throttled/,
      /too many tokens, please wait|\bthrottl(ed|ing)\b/,
      /频率过高|请求(过多|过于频繁|频繁)|速率限制|限流/
    ],
    at: [400, 403, 409, 422, 425, 429, 435, 449, 498, "5xx", "stream"]
  },

  // Too many tokens to generate, whatever the messages are.
  {
    reason: "InvalidRequest",
    says: [
      /max[_ ]?(completion|new|output)?[_ ]?tokens\W{0,3}(\d+\W{1,3})?(is |are )?(too (large|high)|must be|cannot|should|exceeds?|:? ?\d+ >)/,
      /at most \d{1,9} (completion|output) tokens/
    ],
    unless:
      /maximum context length is|context limit|you requested|(input|prompt)( length| token|s? tokens)|`inputs`|in (the|your) (messages|prompt)|\bgot -\d/,
    advice: "Ask for fewer tokens (maxTokens)"
  },

  {
    reason: "ContextWindowExceeded",
    status: [413],
    kinds: [
      "context_length_exceeded",
      "exceed_context_size_error",
      "context_window_exceeded",
      "model_context_window_exceeded",
      "contextwindowexceedederror",
      "tokens_limit_reached",
      "request_too_large",
      "prompt_too_long",
      "input_too_long"
    ],
    says: [
      /context[ _-]?(length|window|size|limit)[^]{0,80}(exceed|only|limit|maximum|overflow|reached|full|too )/,
      /(exceed|maximum|larger|longer|greater|too (long|large|big)|fit|beyond|over(flow)?|limit|full)[^]{0,80}context[ _-]?(length|window|size|limit)/,
      /(longer|larger|greater|more|bigger) than (the |your )?(model'?s )?max(imum)? context/,
      /(longer|larger|greater|more|bigger|less|exceed\w{0,20}) (than )?`?(n_ctx|max_?(seq|model)(uence)?_?len)/,
      // A field such as the user's name may be too long as well.
      /\b(messages?(?![\w[\].]{0,60}\.(name|id|tool_call_id)\b)|input|prompt)\b[^]{0,300}string[ _]above[ _]max/,
      /configured context (length|window|size) is/,
      /context (has been |was |is )?(overflow|exceeded|full)/,
      /max(imum)? (allowed )?(prompt|model|input|sequence) (length|tokens)/,
      /(input|prompt|total) token count is .{0,40}\bbut\b/,
      /context (is )?too (long|large)/,
      /token limit (was |is |has been )?(reached|hit)/,
      /(prompt|inputs?|messages?|request|conversation|content|text)( tokens?)? (is |are |was )?too (long|large)\b/,
      /(prompt|input|message)s? .{0,60}exceed\w{0,20} .{0,40}(max|limit|length|tokens)/,
      /(input|prompt|request|total|message)s? ?-?(token|length|size)s?( count)?\b.{0,60}(exceed|greater than|larger than|longer than|above|too long)/,
      // What is left for the answer is less than nothing.
      /max_tokens must be at least 1, got -\d/,
      /(input|prompt)( \(\d{1,9} tokens\))? is too (large to process|(big|large|long) compared)|'messages': array too long/,
      /(number|count) of (input |prompt |total )?tokens .{0,60}(exceed|more than|greater than|cannot exceed|larger than)/,
      /token (limit|count|budget) .{0,20}exceed|exceed\w{0,20} .{0,30}token (limit|count)|tokens? exceed/,
      /exceed\w{0,20} .{0,30}(max\w{0,20}|limit).{0,30}\btokens?\b/,
      /too many (input |prompt |total )?tokens/,
      /tokens in request more than|tokens`? ?\+ ?`?max_(new_)?tokens|`inputs` must have (less|fewer) than/,
      /reduce (the|your) (length|size|prompt|input|message|context)/,
      /(shorten|truncate) (the|your) (prompt|input|message|conversation)|provide a shorter (input|prompt)/,
      /range of input length should be/,
      /messages\[\d+\](?![\w[\].]{0,60}\.(name|id|tool_call_id)\b).{0,40}too long/,
      /(exceed\w{0,20}|fit (in|into|within)|overflows?) (the |its |your )?(model'?s? |available |maximum )?context\b/,
      /at most \d{1,9} tokens in total|\b(prompt|input|total|completion) tokens?\b[^.]{0,60} > ?\d/,
      /request (entity|body) (is )?too large|payload too large/,
      /prompt ?超长|(超过|超出)(了)?(模型)?(最大|上限)|(上下文|输入).{0,8}(超|过长)/
    ],
    unless:
      /(number of|too many|\b\d{1,9}) (images|tools|functions)\b|(image|audio|video|file)s? (size|dimension|exceed)|\b(daily|monthly)\b|per (day|month)/,
    at: [400, 403, 404, 408, 409, 413, 414, 422, 424, 429, "5xx", "stream"],
    advice: shorten
  },

  {
    reason: "ContentFiltered",
    status: [451],
    kinds: [
      "content_filter",
      "content_filtered",
      "content_filter_error",
      "content_policy_violation",
      "contentpolicyviolationerror",
      "content_blocked",
      "moderation_blocked",
      "responsibleaipolicyviolation",
      "data_inspection_failed",
      "prohibited_content",
      "safety",
      "blocklist",
      "sensitive",
      "input_moderation",
      "output_moderation",
      "inappropriate_content"
    ],
    says: [
      /content[ _-]?(management )?polic(y|ies)/,
      /contentpolicyviolation|responsibleaipolicyviolation|prohibited[ _]content/,
      /content (filter|exists risk|safety)|content was (filtered|blocked|flagged)/,
      /data.?inspection|inappropriate content|considered high risk/,
      /(?<!case[ -])(?<!non-)\bsensitive\b|\w_sensitive\b/,
      /(blocked|filtered|rejected|refused|stopped) .{0,60}(safety|filter|moderation|guardrail)/,
      /(safety|moderation|guardrail)\w{0,20} .{0,60}(blocked|filtered|rejected|violat|triggered|flagged|interven)/,
      /violat\w{0,20} .{0,40}(usage|safety|content|acceptable use|terms of)/,
      /trigger\w{0,20} .{0,40}(safety|filter|moderation|guardrail)|(deemed|considered|flagged as) (unsafe|harmful)/,
      /(input|prompt|content|message|response|answer|output|completion)s? (was|were|has been|have been|is) (flagged|blocked)/,
      /request was flagged|input was flagged|"block_?reason":/,
      /(prompt|response) blocked due to security|guardrail checks? .{0,60}failed/,
      /敏感|违规|不合规/
    ],
    at: [400, 403, 406, 422, 424, 446, 451, "5xx", "stream"]
  },
  { reason: "ContentFiltered", says: [/flagged|moderation/], at: [403] },

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
      // Not what is not supported with a model.
      /(?<!\b(for|with|by|of|on|in) ((the|this|your|that) )?)\bmodel (\S{1,100} )?(is |was )?(deprecated|retired|(not |un)supported)\b(?! (param|arg|option))/,
      /does not support (chat|generate)\b(?! ?templates?)|^model not support$/m,
      /模型.{0,20}(不存在|不可用|已?下线)|无可用渠道/
    ],
    at: [400, 410, 422, 435, "5xx", "stream"],
    advice: checkModel
  },
  // A server that is busy says so too.
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
  { reason: "Timeout", status: [408] },

  // Servers that answer everything with a success say so of a path that they do not have.
  {
    reason: "InvalidResponse",
    says: [
      /^(error:? )?(404:? ?)?(page |path |route |url |endpoint |resource )?not found\W{0,3}$/m,
      /unexpected endpoint|(unknown|no such|invalid) (request )?(url|endpoint|route|path)\b|cannot post \/|method not allowed/
    ],
    at: ["stream"],
    advice: "Check the base URL (most end in /v1)"
  },

  // A form of the reply, or of the messages, that the server cannot make a grammar or a prompt of: it never can.
  {
    reason: "InvalidRequest",
    says: [
      /\bgrammar\b.{0,60}(error|fail|invalid|not |un\w{1,20}|request)|(error|fail\w{0,10}|invalid|cannot|unable|could not|un\w{1,20}|empty) .{0,60}\bgrammar\b/,
      /json[ _-]?schema.{0,80}(error|fail|invalid|not |unsupported|unrecognized)|(error|fail\w{0,10}|invalid|cannot|unable|unsupported|unrecognized|bad) .{0,40}json[ _-]?schema/,
      /\bresponse_format\b|initialize samplers/
    ],
    // What the model wrote may be another thing the next time.
    unless: /generated|\boutput\b|\bmatch|conform|(fail\w{0,5} to|cannot) (accept|advance)|reject/,
    at: ["5xx", "stream"],
    advice:
      "The provider cannot hold the reply to this form: use an adapter that does not ask for it, such as ChatAdapter"
  },
  {
    reason: "InvalidRequest",
    says: [
      /\bjinja\b|template ?(error|exception)|roles must alternate|only supports single tool|\bat row \d{1,9}, column \d/
    ],
    at: ["5xx", "stream"]
  },
  // Servers tell what they cannot do as a failure of their own.
  {
    reason: "InvalidRequest",
    kinds: ["not_supported", "not_implemented", "unsupported_parameter"],
    says: [
      /(not|n't|no longer|without)( \w{1,20})? support/,
      /unsupported|not implemented|requires? (the )?(flag )?`?--\w/
    ],
    at: [500, 501, "stream"]
  },
  {
    reason: "InvalidRequest",
    kinds: [
      "invalid_request_error",
      "invalid_request",
      "invalid_argument",
      "invalid_parameter",
      "invalid_parameter_error",
      "bad_request",
      "badrequesterror",
      "validation_error"
    ],
    at: [400, 422, 500, "stream"]
  },
  {
    reason: "Server",
    kinds: [
      "overloaded_error",
      "server_error",
      "service_unavailable",
      "internal_server_error",
      "modelnotreadyexception"
    ],
    says: [
      /temporarily unavailable|service unavailable|is (currently )?loading|getting ready for inference|has crashed/
    ],
    at: [400, 424]
  },
  { reason: "InvalidRequest", status: [400, 422] }
]

/** The first row that matches; none where the status alone has to say it. */
export const find = (facts: Facts, status: number | undefined): Row | undefined => {
  const words = `${facts.words.slice(0, longest).replace(echo, "")}\n${facts.names.slice(0, longest)}`.toLowerCase()
  return compiled.find(({ kinds, row }) => {
    const { at, forever, says, unless } = row
    if (at !== undefined && !at.includes(place(status)) && (status === undefined || !at.includes(status))) return false
    if (forever !== undefined && forever === (facts.delay !== undefined)) return false
    if (unless?.test(words)) return false
    return (status !== undefined && row.status?.includes(status)) || kinds.some((one) => facts.kinds.has(one)) ||
      says?.some((pattern) => pattern.test(words))
  })?.row
}

/** How much of a message is looked at: what is longer is a page, or repeats the request. */
const longest = 20_000

/** What Python servers repeat of the request, where it is not as they want it. */
const echo = /input_value=[^]{0,1000}?, input_type=/g

const compiled = rows.map((row) => ({ row, kinds: (row.kinds ?? []).map(kind) }))

const place = (status: number | undefined): "5xx" | "stream" | number =>
  status === undefined ? "stream" : status >= 500 ? "5xx" : status
