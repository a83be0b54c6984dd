/**
 * Dates as texts say them.
 */
import { isDay, isIsoDate } from "../../../text/dates.ts"
import { leads, undecorated } from "./words.ts"

/**
 * The date in a text, in ISO 8601. Read are dates in ISO 8601, dates with the year first and other marks, and dates with the
 * name of the month. The day has to be in the calendar. `01/02/2026` is not read, since it may be one of two days; nor is a
 * year or a month alone.
 */
export const dateIn = (text: string): string | undefined => {
  if (text.length > longest) return undefined
  const bare = undecorated(text)
  const whole = dateOf(bare)
  if (whole !== undefined) return whole
  // Behind the words that lead to it: `The date is 2026-01-02`.
  const begin = /\d{4}-\d\d-\d\d/.exec(bare)?.index
  return begin !== undefined && leads(bare.slice(0, begin).toLowerCase()) ? dateOf(bare.slice(begin)) : undefined
}

const longest = 200

/** The day in a text. With a time it is one at midnight only: any other may be another day elsewhere. */
export const dayIn = (text: string): string | undefined => {
  const [, day] = atMidnight.exec(dateIn(text) ?? "") ?? []
  return day
}

const atMidnight = /^(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00(?:\.0{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/

/** The date and time with its zone that a text is. */
export const zonedDateIn = (text: string): string | undefined => {
  const found = /^(\d{4})-(\d\d)-(\d\d)T/.exec(text)
  return found !== null && isDay(found[1]!, found[2]!, found[3]!) ? text : undefined
}

const dateOf = (text: string): string | undefined => {
  if (isIsoDate(text)) return text
  if (httpDate.test(text)) {
    const time = Date.parse(text)
    return Number.isNaN(time) ? undefined : new Date(time).toISOString()
  }
  const { day, month, year } = (yearFirst.exec(text) ?? monthFirst.exec(text) ?? dayFirst.exec(text))?.groups ?? {}
  if (day === undefined || month === undefined || year === undefined) return undefined
  const named = months.indexOf(month.slice(0, 3).toLowerCase()) + 1
  const number = named === 0 ? month.padStart(2, "0") : String(named).padStart(2, "0")
  return isDay(year, number, day) ? `${year}-${number}-${day.padStart(2, "0")}` : undefined
}

/** As HTTP has it, which is in one time zone. */
const httpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/

const name = "(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|" +
  "oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?"
const yearFirst = /^(?<year>\d{4})[./](?<month>\d{1,2})[./](?<day>\d{1,2})$/
const monthFirst = new RegExp(`^${name} (?<day>\\d{1,2})(?:st|nd|rd|th)?,? (?<year>\\d{4})$`, "i")
const dayFirst = new RegExp(`^(?<day>\\d{1,2})(?:st|nd|rd|th)?\\.? (?:of )?${name},? (?<year>\\d{4})$`, "i")
const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
