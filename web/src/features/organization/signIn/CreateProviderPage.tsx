import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { IconMapQuestion } from '@tabler/icons-react'
import { EmptyState } from '@/shared/components/EmptyState'
import { showDone } from '@/shared/components/feedback'
import { forgetDraft } from '@/shared/drafts/storedDraft'
import { useMessages } from '../texts/messages'
import { useCreateProvider } from '../api/providers'
import { BackLink } from '../parts/BackLink'
import { SettingsPage } from '../parts/SettingsPage'
import { kinds } from './kinds'
import { draftPlaceOf } from './providerDraft'
import { ProviderForm } from './ProviderForm'
import { useTexts } from './texts/useTexts'

const route = getRouteApi('/signedIn/o/$org/sign-in/create/$kind')

export function CreateProviderPage() {
  const m = useMessages()
  const t = useTexts()
  const { org, kind } = route.useParams()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const create = useCreateProvider(org)
  const chosen = kinds.find((item) => item.kind === kind)
  if (chosen === undefined) {
    return <EmptyState icon={IconMapQuestion} title={m.errors.notFoundTitle} />
  }
  return (
    <SettingsPage
      width={900}
      title={t.providers.connect(chosen.name)}
      subtitle={t.providers.kindText[chosen.kind]}
      action={<BackLink to="/o/$org/sign-in" org={org} text={t.providers.title} />}
    >
      <ProviderForm
        key={kind}
        org={org}
        kind={chosen.kind}
        busy={create.isPending}
        error={create.error}
        submit={t.providers.createAndContinue}
        onSubmit={(body) =>
          create.mutate(
            { ...body, kind: chosen.kind },
            {
              onSuccess: (provider) => {
                forgetDraft(draftPlaceOf(org, chosen.kind))
                showDone(t.providers.created(provider.name), m)
                queryClient.setQueryData(['providers', org, 'one', provider.key], provider)
                void navigate({ to: '/o/$org/sign-in/$provider', params: { org, provider: provider.key } })
              },
            },
          )
        }
      />
    </SettingsPage>
  )
}
