import type { Reminders, Subscriptions, Me } from 'reminders-miniprogram-client'

/** What `app.js` is for its pages. */
export interface SampleApp {
  reminders: Reminders
  subscriptions: Subscriptions
  always: string[]
  missing: number
  addingCredit: Promise<unknown>
  me(): Promise<Me>
  addCredit(): void
}
