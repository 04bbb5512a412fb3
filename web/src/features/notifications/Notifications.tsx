import { Tabs } from '@mantine/core'
import { useState } from 'react'
import { DeliveryLog } from './DeliveryLog'
import { DestinationList } from './DestinationList'
import type { DeliveryState, Place } from './api'
import { useTexts } from './texts/useTexts'

/** Destinations and what was sent to them. */
export function Notifications({ place }: { place: Place }) {
  const t = useTexts()
  const [tab, setTab] = useState<string | null>('destinations')
  const [filter, setFilter] = useState<{ destination: string | null; state: DeliveryState | null }>({ destination: null, state: null })
  const openLog = (destination: string, state: DeliveryState) => {
    setFilter({ destination, state })
    setTab('log')
  }
  return (
    <Tabs value={tab} onChange={setTab} keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="destinations">{t.tabDestinations}</Tabs.Tab>
        <Tabs.Tab value="log">{t.tabLog}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="destinations">
        <DestinationList place={place} onOpenLog={openLog} />
      </Tabs.Panel>
      <Tabs.Panel value="log">
        <DeliveryLog place={place} filter={filter} onFilter={setFilter} />
      </Tabs.Panel>
    </Tabs>
  )
}
