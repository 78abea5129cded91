// What is played. Each scene has a world of its own, whose clock stands at 2027-01-10 10:00 in China.

import { acts, calendar, periods } from './acts.mjs'
import { always, saveFirst } from './always.mjs'
import { SECRET, relayAlone, withoutDomain } from './cloud.mjs'
import { losses, mistakes, usedUpDay } from './form.mjs'
import { lives } from './lives.mjs'
import { looks } from './looks.mjs'
import { preferences } from './preferences.mjs'
import { prompts, severalTemplates } from './prompts.mjs'
import { reasons } from './reasons.mjs'
import { theWholeStory, withoutServiceAccount } from './story.mjs'
import { devices, ways } from './ways.mjs'
import { review, words } from './words.mjs'

export const scenes = [
  { title: 'words', play: words },
  { title: 'review', play: review },
  { title: 'looks', play: looks },
  { title: 'the whole story', play: theWholeStory },
  { title: 'save first', play: saveFirst },
  { title: 'prompts', play: prompts },
  { title: 'always', play: always },
  { title: 'reasons', play: reasons },
  { title: 'several templates', play: severalTemplates },
  { title: 'mistakes', play: mistakes },
  { title: 'losses', play: losses },
  { title: 'a day used up', play: usedUpDay },
  { title: 'lives', play: lives },
  { title: 'preferences', play: preferences },
  { title: 'ways to follow', play: ways },
  { title: 'ways by phone', play: devices },
  { title: 'acts', play: acts },
  { title: 'periods', play: periods },
  { title: 'calendar', play: calendar },
  { title: 'without a service account', more: ['--without-service-account'], play: withoutServiceAccount },
  { title: 'without a domain', more: ['--origin-secret', SECRET], play: withoutDomain },
  { title: 'the relay alone', more: ['--origin-secret', SECRET], play: relayAlone },
]
