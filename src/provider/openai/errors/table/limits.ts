/**
 * What an account has spent, and how often it may ask.
 */
import { checkKey, type Row } from "./row.ts"

const perTime = /per[ _-]?(second|min|hour)|\b[rt]p[ms]\b|\b(tokens?|requests?) per day\b/
const addCredit = "Waiting does not help: add credit, or raise the account's limit"

export const limits: ReadonlyArray<Row> = [
  // OpenAI adds to it that a payment method raises the limit, which would match the rows about payment below.
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
  // Providers use the same words for limits per minute. Then they say how long to wait.
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
  }
]
