import { ActionIcon, Button, Group, NumberInput, Paper, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconPlus, IconStack2, IconTrash, IconUserOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useConfirm } from '@/shared/components/confirm'
import { CopyKey } from '@/shared/components/CopyKey'
import { Dialog } from '@/shared/components/Dialog'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { isSegmentKey } from '@/shared/components/keys'
import { NameAndKey } from '@/shared/components/NameAndKey'
import { useLanguage } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { holdoutsQuery, layersQuery, useLayerActions, type HoldoutView, type LayerView } from './api'
import { Allocation } from './parts/Allocation'
import { percentText } from './parts/numbers'
import { SectionTabs } from './parts/SectionTabs'
import { StateBadge } from './parts/StateBadge'
import { useMessages } from './texts/messages'

const route = getRouteApi('/signedIn/p/$org/$project/layers')

/** Layers with what has which part of them, and holdouts. */
export function LayersPage() {
  const m = useMessages()
  const { x } = m
  const scope = route.useParams()
  const canManage = useCan('experiment.manage', scope)
  const layers = useQuery(layersQuery(scope))
  const holdouts = useQuery(holdoutsQuery(scope))
  const [creating, setCreating] = useState<'layer' | 'holdout' | null>(null)
  const failed = layers.isError ? layers : holdouts.isError ? holdouts : null
  return (
    <Stack p="md" maw={1100}>
      <SectionTabs scope={scope} title={x.layers} subtitle={x.layersSubtitle} />
      {failed !== null ? (
        <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />
      ) : (
        <>
          <Head title={x.layersTitle} label={x.newLayer} onCreate={canManage ? () => setCreating('layer') : undefined} />
          {layers.data === undefined ? (
            <Skeleton h={120} />
          ) : layers.data.length === 0 ? (
            <Paper className="surface">
              <EmptyState icon={IconStack2} title={x.noLayers} text={x.noLayersText} />
            </Paper>
          ) : (
            layers.data.map((layer) => <LayerCard key={layer.key} scope={scope} layer={layer} canManage={canManage} />)
          )}
          <Head title={x.holdoutsTitle} label={x.newHoldout} onCreate={canManage ? () => setCreating('holdout') : undefined} />
          {holdouts.data === undefined ? (
            <Skeleton h={120} />
          ) : holdouts.data.length === 0 ? (
            <Paper className="surface">
              <EmptyState icon={IconUserOff} title={x.noHoldouts} text={x.noHoldoutsText} />
            </Paper>
          ) : (
            holdouts.data.map((holdout) => <HoldoutCard key={holdout.key} scope={scope} holdout={holdout} canManage={canManage} />)
          )}
        </>
      )}
      {creating !== null && <CreateDialog scope={scope} kind={creating} onClose={() => setCreating(null)} />}
    </Stack>
  )
}

function Head({ title, label, onCreate }: { title: string; label: string; onCreate?: () => void }) {
  return (
    <Group justify="space-between" mt="xs">
      <Title order={2} size="h4">
        {title}
      </Title>
      {onCreate !== undefined && (
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={onCreate}>
          {label}
        </Button>
      )}
    </Group>
  )
}

function LayerCard({ scope, layer, canManage }: { scope: Scope; layer: LayerView; canManage: boolean }) {
  const m = useMessages()
  const { x } = m
  const confirm = useConfirm()
  const { removeLayer } = useLayerActions(scope)
  const drop = async () => {
    if (await confirm({ title: x.deleteTitle(layer.name), text: x.nothingIn, confirm: x.delete, danger: true })) {
      removeLayer.mutate(layer.key, { onSuccess: () => showDone(x.deleted(layer.name), m), onError: (error) => showError(x.saveFailed, error, m) })
    }
  }
  return (
    <Paper className="surface" p="md" component="section" aria-label={`${x.layer} ${layer.name}`}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Text fw={600}>{layer.name}</Text>
          <CopyKey value={layer.key} />
          {layer.description !== '' && (
            <Text size="sm" c="dimmed">
              {layer.description}
            </Text>
          )}
        </div>
        {canManage && layer.experiments.length === 0 && (
          <ActionIcon variant="subtle" color="gray" aria-label={`${x.delete}: ${layer.name}`} onClick={() => void drop()}>
            <IconTrash size={17} />
          </ActionIcon>
        )}
      </Group>
      <Allocation scope={scope} parts={layer.experiments} />
    </Paper>
  )
}

function HoldoutCard({ scope, holdout, canManage }: { scope: Scope; holdout: HoldoutView; canManage: boolean }) {
  const m = useMessages()
  const { x } = m
  const { language } = useLanguage()
  const confirm = useConfirm()
  const { removeHoldout } = useLayerActions(scope)
  const drop = async () => {
    if (await confirm({ title: x.deleteTitle(holdout.name), text: x.heldBy(0), confirm: x.delete, danger: true })) {
      removeHoldout.mutate(holdout.key, { onSuccess: () => showDone(x.deleted(holdout.name), m), onError: (error) => showError(x.saveFailed, error, m) })
    }
  }
  return (
    <Paper className="surface" p="md" component="section" aria-label={`${x.holdout} ${holdout.name}`}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Group gap="sm" align="baseline">
            <Text fw={600}>{holdout.name}</Text>
            <Text size="sm">
              {x.heldOut}: {percentText(holdout.percentage, language)}
            </Text>
          </Group>
          <CopyKey value={holdout.key} />
          {holdout.description !== '' && (
            <Text size="sm" c="dimmed">
              {holdout.description}
            </Text>
          )}
        </div>
        {canManage && holdout.experiments.length === 0 && (
          <ActionIcon variant="subtle" color="gray" aria-label={`${x.delete}: ${holdout.name}`} onClick={() => void drop()}>
            <IconTrash size={17} />
          </ActionIcon>
        )}
      </Group>
      <Text size="xs" c="dimmed" mt="xs">
        {x.heldBy(holdout.experiments.length)}
      </Text>
      <Stack gap={4} mt={4}>
        {holdout.experiments.map(({ experiment, name, environment, state }) => (
          <Group key={experiment} gap={8}>
            <Text component={Link} to="/p/$org/$project/experiments/$experiment" params={{ ...scope, experiment } as never} size="sm" c="var(--mantine-color-anchor)">
              {name}
            </Text>
            <Text size="xs" c="dimmed">
              {environment}
            </Text>
            <StateBadge experiment={{ state, decision: null }} />
          </Group>
        ))}
      </Stack>
    </Paper>
  )
}

function CreateDialog({ scope, kind, onClose }: { scope: Scope; kind: 'layer' | 'holdout'; onClose: () => void }) {
  const m = useMessages()
  const { x } = m
  const { createLayer, createHoldout } = useLayerActions(scope)
  const [identity, setIdentity] = useState({ name: '', key: '' })
  const [percentage, setPercentage] = useState(5)
  const options = {
    onSuccess: ({ name }: { name: string }) => {
      showDone(x.layerCreated(name), m)
      onClose()
    },
    onError: (error: unknown) => showError(x.saveFailed, error, m),
  }
  const submit = () => {
    const body = { key: identity.key, name: identity.name.trim() || identity.key }
    if (kind === 'layer') {
      createLayer.mutate(body, options)
    } else {
      createHoldout.mutate({ ...body, percentage }, options)
    }
  }
  return (
    <Dialog opened onClose={onClose} title={<Text fw={650}>{kind === 'layer' ? x.newLayer : x.newHoldout}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isSegmentKey(identity.key)) {
            submit()
          }
        }}
      >
        <Stack>
          <NameAndKey value={identity} onChange={setIdentity} isKey={isSegmentKey} keyHint={m.common.keyInvalid} longestKey={100} />
          {kind === 'holdout' && <NumberInput label={x.heldShare} min={0.01} max={50} decimalScale={2} suffix=" %" value={percentage} onChange={(value) => typeof value === 'number' && setPercentage(value)} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={!isSegmentKey(identity.key)} loading={createLayer.isPending || createHoldout.isPending}>
              {m.common.create}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
