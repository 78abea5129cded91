// So is `uni` …
import { createReminders, type Platform } from '../../lib/index.js'

export const platform: Platform = uni
export const reminders = createReminders({ baseUrl: 'https://reminders.example.com', platform: uni })
