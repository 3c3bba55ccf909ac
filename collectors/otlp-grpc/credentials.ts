import { experimental, type ServerCredentials } from '@grpc/grpc-js'
import type { TlsMaterial } from '../../core/tls.ts'

type CaListener = experimental.CaCertificateUpdateListener
type IdentityListener = experimental.IdentityCertificateUpdateListener

export interface ReplaceableCredentials {
  readonly credentials: ServerCredentials
  /** New connections get this certificate, and are held to this client CA. */
  replace(material: TlsMaterial): void
}

/**
 * Credentials whose certificate can be replaced while the server runs: grpc-js takes updates from a certificate provider
 * only. Whether client certificates are asked for is settled by the first material. Node speaks TLS 1.2 at least.
 */
export function createTlsCredentials(first: TlsMaterial): ReplaceableCredentials {
  const caListeners = new Set<CaListener>()
  const identityListeners = new Set<IdentityListener>()
  let current = first

  function tellCa(listener: CaListener) {
    listener(current.client_ca && { caCertificate: current.client_ca })
  }
  function tellIdentity(listener: IdentityListener) {
    listener({ certificate: current.cert, privateKey: current.key })
  }
  // grpc-js listens before it is ready to hear: the first word comes a moment later.
  const provider: experimental.CertificateProvider = {
    addCaCertificateListener(listener) {
      caListeners.add(listener)
      queueMicrotask(() => tellCa(listener))
    },
    removeCaCertificateListener: (listener) => void caListeners.delete(listener),
    addIdentityCertificateListener(listener) {
      identityListeners.add(listener)
      queueMicrotask(() => tellIdentity(listener))
    },
    removeIdentityCertificateListener: (listener) => void identityListeners.delete(listener),
  }
  const mutual = first.client_ca !== null
  return {
    credentials: experimental.createCertificateProviderServerCredentials(provider, mutual ? provider : null, mutual),
    replace(material) {
      current = material
      for (const listener of caListeners) tellCa(listener)
      for (const listener of identityListeners) tellIdentity(listener)
    },
  }
}
