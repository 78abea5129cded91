// … and `Taro`.
import Taro from '@tarojs/taro'
import { createReminders, type Platform } from '../../lib/index.js'

export const platform: Platform = Taro
export const reminders = createReminders({ baseUrl: 'https://reminders.example.com', platform: Taro })
