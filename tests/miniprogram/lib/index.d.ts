/** Client of the Reminder API for mini programs: what `src/*.mjs` does, and the CommonJS files made of it. */

// ---- the platform ----------------------------------------------------------------------------------------------------

/** Why a call of the platform failed. */
export interface PlatformFailure {
  errMsg: string
  errCode?: number
}

/** A call as `wx.request` takes it. */
export interface RequestCall {
  url: string
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  data?: string
  header?: Record<string, string>
  timeout?: number
  success?: (answer: { statusCode: number; data: any; header?: Record<string, any> }) => void
  fail?: (reason: PlatformFailure) => void
}

/**
 * What the client needs of a platform; `wx`, `uni` and `Taro` all are one. What is optional is looked for before it is
 * used: older libraries and other platforms lack it.
 */
export interface Platform {
  request(call: RequestCall): unknown
  login(call: { success?: (answer: { code: string }) => void; fail?: (reason: PlatformFailure) => void }): unknown
  requestSubscribeMessage(call: {
    tmplIds: string[]
    success?: (answers: any) => void
    fail?: (reason: any) => void
  }): unknown
  getStorageSync(key: string): any
  setStorageSync(key: string, value: any): void
  removeStorageSync(key: string): void
  getLaunchOptionsSync?(): { scene?: number | string }
  getDeviceInfo?(): { platform?: string }
  getSetting?(call: {
    withSubscriptions: boolean
    success?: (answer: any) => void
    fail?: (reason: any) => void
  }): unknown
  openOfficialAccountProfile?(call: GuideCall & { username: string }): unknown
  openOfficialAccountArticle?(call: GuideCall & { url: string }): unknown
  addPhoneCalendar?(call: CalendarEntry & { success?: () => void; fail?: (reason: any) => void }): unknown
  /** Only `cloud()` needs it. */
  cloud?: any
}

export interface GuideCall {
  success?: () => void
  fail?: (reason: any) => void
}

/** One call of the client on its way to the API. */
export interface TransportCall extends Omit<RequestCall, 'url'> {
  path: string
  timeout: number
  header: Record<string, string>
  method: NonNullable<RequestCall['method']>
  success: NonNullable<RequestCall['success']>
  fail: NonNullable<RequestCall['fail']>
}

/** A way to the API. `keepsTap`: after its answer WeChat still shows a prompt, as after `wx.request`. */
export interface Transport {
  (call: TransportCall, platform: Platform): unknown
  keepsTap?: boolean
}

// ---- what the API says -----------------------------------------------------------------------------------------------

export type Channel = 'service_template' | 'mini_subscription' | 'service_notification'
export type ReminderState = 'active' | 'done' | 'expired'
export type PushState =
  | 'scheduled'
  | 'sending'
  | 'retrying'
  | 'sent'
  | 'delivered'
  | 'unknown'
  | 'undeliverable'
  | 'skipped'
  | 'cancelled'

/** When a reminder is told: days, weeks or months before it expires at a time of day, or at an instant. */
export type PushTime = (
  | { days_before: number; time: string }
  | { weeks_before: number; time: string }
  | { months_before: number; time: string }
  | { at: string }
) & {
  /** The only channels it may go by, best first. */
  channels?: Channel[]
}

/** When it expires: at a moment, RFC 3339 with offset; or with the end of a day, such as `2027-03-01`. */
export type Expiry = { expires_at: string; expires_on?: never } | { expires_on: string; expires_at?: never }

/** What the user wants to be reminded of. */
export type Draft = Expiry & {
  /** A name among `templates` of `me()`. */
  template: string
  title: string
  note?: string
  /** An IANA name; the user's, or else the settings' by default. */
  timezone?: string
  /** `P1W` to `P52W`, `P1M` to `P120M`, `P1Y` to `P10Y`; the pushes are relative then. */
  repeat?: { every: string }
  /** One to three; those of `PATCH /me` by default. */
  pushes?: PushTime[]
  /** Opened by a tap on the message; `{reminder_id}` in it is the reminder's own id. */
  page?: string
}

export interface Push {
  /** 1 to 3; from 4 what was snoozed. */
  n: number
  days_before?: number
  weeks_before?: number
  months_before?: number
  time?: string
  at?: string
  channels?: Channel[]
  snoozed?: true
  fires_at: string
  state: PushState
  channel?: Channel
  reason?: string
}

/** How many of the pushes still to come can reach the user: `covered`, the sum of the three behind it. */
export interface Coverage {
  pushes: number
  covered: number
  confirmed: number
  reported: number
  uncertain: number
  /** Never told, and not to come. */
  resting: number
  /** What to ask of the user, best first. */
  ask: ('subscribe' | 'follow')[]
}

export type EventName =
  | 'registered'
  | 'planned'
  | 'skipped'
  | 'claimed'
  | 'sent'
  | 'delivered'
  | 'refused'
  | 'retrying'
  | 'postponed'
  | 'unresolved'
  | 'unknown'
  | 'abandoned'
  | 'blocked'
  | 'failed'
  | 'undeliverable'
  | 'armed'
  | 'snoozed'
  | 'renewed'
  | 'repeated'
  | 'done'
  | 'reopened'
  | 'deleted'
  | 'webhook'

export interface TimelineEntry {
  at: string
  push?: number
  event: EventName
  /** In English; `entryText()` says it in Chinese. */
  detail?: string
}

export interface Reminder {
  id: string
  revision: number
  state: ReminderState
  template: string
  title: string
  note: string
  expires_at: string
  /** Only of one that expires by the day. */
  expires_on?: string
  timezone: string
  repeat?: { every: string; round: number }
  pushes: Push[]
  page?: string
  created_at: string
  /** Not in lists. */
  coverage?: Coverage
  /** Only of `get()`. */
  timeline?: TimelineEntry[]
}

export type Covered = Reminder & { coverage: Coverage }

/** A way to follow the service account. */
export type Way = 'official_account' | 'profile' | 'qrcode' | 'article' | 'contact'

export interface Me {
  followed: boolean
  /** They follow, and refuse the account's messages. */
  blocked?: true
  /** By template id. */
  credits: Record<string, number>
  /** And the template ids to ask for. */
  templates: { name: string; ask: string[] }[]
  /** How to follow; `methods`, best first, is empty once followed. More names may come. */
  guide: {
    methods: (Way | (string & {}))[]
    profile?: { username: string }
    contact?: { session_from: string }
    article_url?: string
  }
  timezone: string
  quiet_hours?: { from: string; to: string }
  default_pushes: PushTime[]
  prefer: Channel[]
}

/** One wrong field: the kind of rule and its numbers and names, for a sentence in the user's language. */
export interface BadField {
  /** Such as `pushes[1].time`. */
  field: string
  code: string
  params: Record<string, any>
  /** In English. */
  message: string
}

/**
 * Why a call failed. `code` is for programs: the API's own, or `offline` (no answer), `login_failed` (the platform's
 * login gave no code), `unreadable` (an answer that is not the API's); of a relay also `relay_not_answered`.
 */
export interface RemindersError extends Error {
  name: 'RemindersError'
  code: string
  /** 0 without an answer. */
  status: number
  /** For bad input: every wrong field. */
  errors: BadField[]
}

// ---- the client ------------------------------------------------------------------------------------------------------

export interface RemindersOptions {
  /** Where the API is, without a slash at the end. */
  baseUrl?: string
  /** Another way there, see `cloud()`. */
  transport?: Transport
  /** `wx` by default; `uni` or `Taro` in their projects. */
  platform?: Platform
  retryDelaysMs?: number[]
  timeoutMs?: number
}

/** How the user wants to be told, where a reminder says nothing else; what is left out stays, null takes it back. */
export interface Preferences {
  timezone?: string | null
  quiet_hours?: { from: string; to: string } | null
  default_pushes?: PushTime[] | null
  /** The channels to try first, best first. */
  prefer?: Channel[] | null
}

export interface Where {
  /** Of the cold start; it decides which ways to follow work. */
  scene?: number
  /** As `wx.getDeviceInfo()` gives it. */
  platform?: string
}

export interface Reminders {
  /** Whether a prompt may still be shown after a call was answered, if that began in a tap; see `Transport`. */
  readonly keepsTap: boolean
  readonly platform: Platform
  /** Who the user is. `where` is what the platform says, unless given. */
  me(where?: Where): Promise<Me>
  change(preferences: Preferences): Promise<Me>
  /** A code that follows the service account and binds this user; for `<image show-menu-by-longpress>`. */
  qrcode(): Promise<{ image_url: string; expires_at: string }>
  /** Forgets the user: everything is deleted. */
  forget(): Promise<void>
  /** Reports what a prompt gave. With one key, one prompt counts once, however often it is told. */
  report(
    results: Record<string, string>,
    options: { key: string },
  ): Promise<{ credits: Record<string, number>; ignored?: string[] }>
  /**
   * Registers a reminder. Keep the key (`newKey()`) for as long as the user means the same thing, over failures and over
   * closing the page: then it is there once.
   */
  create(draft: Draft, options: { key: string }): Promise<Covered>
  /** Soonest expiry first. */
  list(page?: {
    state?: ReminderState
    limit?: number
    cursor?: string
  }): Promise<{ reminders: Reminder[]; cursor: string | null }>
  /** With its timeline. */
  get(id: string): Promise<Covered & { timeline: TimelineEntry[] }>
  /** The reminder that was registered with this page. */
  find(page: string): Promise<Reminder | null>
  /** Replaces the whole content. `revision` is what the user saw; if it is not the newest any more: 412. */
  update(id: string, draft: Draft, options?: { revision?: number }): Promise<Covered>
  /** Handled: the rest is not sent, and one that is repeated begins its next round. */
  done(id: string): Promise<Covered>
  /** Takes `done` back. */
  reopen(id: string): Promise<Covered>
  /** Tells it once more: `{ for: 'P1D' }` or `{ until: instant }`. */
  snooze(
    id: string,
    when: ({ for: string; until?: never } | { until: string; for?: never }) & { after_expiry?: boolean },
  ): Promise<Covered>
  /** Deletes it; one that is not there any more is deleted. */
  remove(id: string): Promise<void>
}

export function createReminders(options: RemindersOptions): Reminders
/** A key that nobody else makes. */
export function newKey(): string
/** Where the mini program was opened, and on what. */
export function whereOpened(platform: Platform): Where

/** The way to the API through a relay in the owner's own cloud environment. */
export function cloud(relay: {
  env: string
  /** The name of the container's service. */
  service?: string
  httpFunction?: string
  /** An ordinary function, for libraries before 3.15.1. */
  eventFunction?: string
}): Transport

// ---- prompts ---------------------------------------------------------------------------------------------------------

/** What the user answered. A template is in one list, or in none if the prompt could not be shown. */
export interface Asked {
  /** Each entitles to one message. */
  accepted: string[]
  rejected: string[]
  /** By WeChat: may not be used any more. */
  banned: string[]
  /** By WeChat: another one with the same title is in the prompt. */
  filtered: string[]
  /**
   * Why no prompt was shown: `switched_off`, the user switched all of them off in the settings; `no_tap`, it came too
   * late after the tap; `misconfigured`, the templates are wrong.
   */
  problem: '' | 'switched_off' | 'not_shown' | 'no_tap' | 'misconfigured' | 'offline'
}

export interface Subscriptions {
  /**
   * Shows the prompt and reports the answer. It does not fail: what went wrong is `problem`. WeChat shows a prompt only
   * in a tap: the turn of the tap itself, and what follows `wx.request` and a few other calls that began in it.
   */
  ask(wanted: string[]): Promise<Asked>
  /**
   * Of these ids, those that the user always accepts (总是保持). Asked for in a tap, they show no prompt, and every time
   * give one message more (docs/wechat.md §9.4).
   */
  always(wanted: string[]): Promise<string[]>
  /** Reports what could not be reported. */
  reportPending(): Promise<void>
}

export function createSubscriptions(reminders: Reminders): Subscriptions
/** What to ask for about a template: its own ids first, then those of the others. */
export function templateIds(me: Me, name: string): string[]
/** How many messages are to come for which there is no credit, of these reminders; 0 where following brings them all. */
export function missingCredits(me: Me, reminders: Reminder[]): number

// ---- the guide -------------------------------------------------------------------------------------------------------

/** The ways to follow that work on this phone, best first. Without those in `refused`, which failed. */
export function waysToFollow(me: Me, platform: Platform, refused?: string[]): Way[]
/** Whether the contact button is there: HarmonyOS has none. */
export function hasContact(platform: Platform): boolean
/** In a tap: opens the service account's profile. False: it does not open here; go to the next way. */
export function openProfile(me: Me, platform: Platform): Promise<boolean>
/** In a tap: opens the article natively, where the follow button works. False: show it in a web-view. */
export function openArticle(me: Me, platform: Platform): Promise<boolean>

// ---- the calendar ----------------------------------------------------------------------------------------------------

/** As `wx.addPhoneCalendar` takes it, which reminds at the start unless told otherwise; instants in seconds. */
export interface CalendarEntry {
  title: string
  startTime: number
  description?: string
}

/** The pushes still to come that nothing covers, soonest first. */
export function uncoveredPushes(reminder: Reminder): Push[]
export function calendarEntry(reminder: Reminder, push: Push): CalendarEntry
/** In a tap. The phone asks the user; false if they said no, or this phone cannot. An entry is never changed later. */
export function addToCalendar(reminder: Reminder, push: Push, platform: Platform): Promise<boolean>
/** Whether this push was put into this phone's calendar. */
export function isInCalendar(reminder: Reminder, push: Push, platform: Platform): boolean

// ---- words (Chinese) -------------------------------------------------------------------------------------------------

/** What would help: the user's deed, or patience (`wait`), or the owner's (`owner`). */
export type Remedy = 'follow' | 'subscribe' | 'allow' | 'edit' | 'postpone' | 'again' | 'wait' | 'owner'
export interface Words {
  text: string
  remedies: Remedy[]
}

/** Of a push or of a timeline's entry; empty for none. */
export function reasonWords(reason: string | undefined): Words
export function remedyText(remedies: Remedy[]): string
export function pushText(push: Push): string
/** Why it is in this state and what helps, as one sentence; empty where that is plain. */
export function pushReasonText(push: Push): string
export function entryText(entry: TimelineEntry): string
export function coverageText(coverage: Coverage): string
export function refusalText(asked: Asked): string
export function failureText(error: { code?: string }): string
/** A failed call by the fields of a form. */
export function fieldTexts(error: { errors?: Pick<BadField, 'field' | 'code' | 'params'>[] }): Record<string, string>
/** `2027-03-01T09:00:00+08:00` as `2027年3月1日 09:00`. */
export function momentText(instant: string): string
/** `2027-03-01` as `2027年3月1日`. */
export function dayText(date: string): string
/** The day of expiry, or the moment. */
export function expiryText(reminder: Pick<Reminder, 'expires_at' | 'expires_on'>): string
export function repeatText(every: string): string

// ---- the lunar calendar ----------------------------------------------------------------------------------------------

/** A day of the lunar year; `leap`: of the leap month of that number. */
export interface LunarDate {
  month: number
  day: number
  leap?: boolean
}

/** Of the package `tyme4ts`, what is needed. */
export interface Tyme {
  SolarDay: { fromYmd(year: number, month: number, day: number): any }
  LunarMonth: { fromYm(year: number, month: number): any }
  LunarDay: { fromYmd(year: number, month: number, day: number): any }
}

export interface Lunar {
  /** The lunar date of a day such as `2027-02-06`. */
  of(day: string): LunarDate & { year: number }
  /** `2027-02-06` as `正月初一`. */
  text(day: string): string
  /**
   * The next day of the lunar date, from this day on. A 30th that the month lacks is its 29th; in years without the leap
   * month it is the month of that number.
   */
  next(date: LunarDate, from: string): string
}

export function createLunar(tyme: Tyme): Lunar
