param name string
param location string
param tags object

@description('Takes a deleted vault of this name back, with its secrets, instead of creating one.')
param recover bool

@description('The identity that may read secrets.')
param principalId string

// A new random value in every deployment, used by the first one alone (see signingKey). Three random GUIDs have 366
// random bits; one has 122, and uniqueString() has none, since anybody can compute it from the names.
@secure()
param newSigningKey string = base64('${newGuid()}${newGuid()}${newGuid()}')

// The same for the key that wraps the keys of encrypted fields.
@secure()
param newEncryptionKey string = base64('${newGuid()}${newGuid()}${newGuid()}')

var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  // "kv-" + 13 characters of uniqueString = 16 of 24.
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    createMode: recover ? 'recover' : 'default'
    enableRbacAuthorization: true
    enablePurgeProtection: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    publicNetworkAccess: 'Enabled'
  }
}

// The key that signs URLs and cursors. Resource Manager skips this resource when the secret is already there, so a
// later deployment neither rotates the key nor overwrites one that an operator has put in; and as the value is made
// and stored by Resource Manager, it is never on the machine, in the shell or in the azd environment of who deploys.
@onlyIfNotExists()
resource signingKey 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'signing-key'
  properties: {
    value: newSigningKey
    contentType: 'application/base64'
  }
}

// The app reads it itself, any version of it: older ones open what they wrapped (docs/configuration.md, Encryption).
@onlyIfNotExists()
resource encryptionKey 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'encryption-key'
  properties: {
    value: newEncryptionKey
    contentType: 'application/base64'
  }
}

resource read 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, secretsUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

output name string = vault.name
// Without a version, so that a rotated key reaches the app by itself.
output signingKeyUri string = '${vault.properties.vaultUri}secrets/${signingKey.name}'
output endpoint string = vault.properties.vaultUri
output encryptionKeyName string = encryptionKey.name
