/**
 * Dates in ISO 8601.
 */

/** Whether the text is a day of the calendar, or a time on one, with or without its zone. */
export const isIsoDate = (text: string): boolean => {
  const [, year, month, day] = isoDate.exec(text) ?? []
  return year !== undefined && isDay(year, month!, day!)
}

const isoDate = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/

/** Whether the calendar has the day. */
export const isDay = (year: string, month: string, day: string): boolean => {
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}
