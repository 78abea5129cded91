/**
 * All of the client; each file can be taken alone as well.
 */

export * from './reminders.mjs'
export * from './cloud.mjs'
export * from './subscriptions.mjs'
export * from './guide.mjs'
export * from './calendar.mjs'
export * from './reasons.mjs'
export * from './words.mjs'
export * from './lunar.mjs'
