import { Text } from '@mantine/core'
import { IconBroadcast } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useLanguage } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { reachQuery, type Reach } from './api'
import { useReachTexts } from './texts'

type Props = {
  scope: Scope
  flag: string
  environment: string
  /** Another number for every change, so that each is asked about anew. */
  change: number
  /** Said before it, where several environments are told of. */
  label?: string
  /** Not shown when the change is older than this. */
  within?: number
}

/** How far the last change of a flag has come in the applications, while it is on its way and after. */
export default function ReachLine({ scope, flag, environment, change, label, within }: Props) {
  const t = useReachTexts()
  const { data } = useQuery(reachQuery(scope, flag, environment, change))
  if (data === undefined || (data.edges === 0 && data.silentEdges === 0) || (within !== undefined && Date.now() - Date.parse(data.committedAt) > within)) {
    return null
  }
  return (
    <Text size="xs" c={data.slow > 0 ? 'orange.8' : 'dimmed'} component="div" role="status" mt={6} style={{ display: 'flex', gap: 6, alignItems: 'flex-start' }}>
      <IconBroadcast size={14} aria-hidden style={{ flex: 'none', marginTop: 2 }} />
      <span>
        {label !== undefined && `${label}: `}
        {data.milliseconds === null ? t.onItsWay : <Words reach={data} ms={data.milliseconds} />}
      </span>
    </Text>
  )
}

function Words({ reach, ms }: { reach: Reach; ms: number }) {
  const t = useReachTexts()
  const { language } = useLanguage()
  const number = (value: number, digits = 0) => new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)
  const time = ms < 1000 ? t.milliseconds(number(ms)) : t.seconds(number(ms / 1000, 1))
  return [
    reach.total === 0 ? t.nobody(reach.edges, time) : t.reached(number(reach.reached), number(reach.total), time),
    reach.slow > 0 && t.slow(reach.slow),
    reach.gone > 0 && t.gone(reach.gone),
    reach.silentEdges > 0 && t.silent(reach.silentEdges),
    reach.pollingClients > 0 && t.polling(reach.pollingClients, reach.pollSeconds),
  ]
    .filter(Boolean)
    .join(' · ')
}
