import { createReminders, createSubscriptions } from 'reminders-miniprogram-client'

export const reminders = createReminders({ baseUrl: import.meta.env.VITE_REMINDERS_API, platform: uni })
export const subscriptions = createSubscriptions(reminders)
