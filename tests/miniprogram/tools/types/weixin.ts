// `wx` of WeChat's own typings is a platform.
import { createReminders, type Platform } from '../../lib/index.js'

export const platform: Platform = wx
export const reminders = createReminders({ baseUrl: 'https://reminders.example.com', platform: wx })
