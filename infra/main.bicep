// Everything `azd up` creates, in one resource group. Nothing here holds a key: the function app reaches storage,
// Cosmos DB, Key Vault and Application Insights as its managed identity, and key access is switched off on each.
targetScope = 'subscription'

@minLength(1)
@maxLength(64)
@description('Name of the azd environment; resource names are derived from it.')
param environmentName string

@minLength(1)
@description('Region of every resource. It must offer Flex Consumption and serverless Cosmos DB.')
@metadata({ azd: { type: 'location' } })
param location string

@minLength(1)
@description('OpenID Connect issuer that signs the tokens of your users, for example https://tenant.eu.auth0.com/')
param authAuthority string

@minLength(1)
@description('Audience that a token must be issued for: the identifier of this API at the identity provider.')
param authAudience string

@description('Web origins that may upload from a browser, separated by commas. Mobile apps need none.')
param uploadOrigins string = ''

@minValue(0)
@maxValue(100)
@description('Instances kept warm for HTTP requests; each is billed while it waits.')
param alwaysReadyInstances int = 0

@minValue(1)
@maxValue(1000)
@description('Most instances that load may start: the upper bound of the bill.')
param maximumInstances int = 100

@allowed([512, 2048, 4096])
@description('Memory of an instance in megabytes. Images are decoded in it: 512 is too little for large photos.')
param instanceMemory int = 2048

@description('Name of the blob-triggered function that uploads are announced to.')
param uploadFunctionName string = 'UploadCreated'

@description('True to bring back the key vault of an environment that was deleted less than 7 days ago.')
param recoverKeyVault bool = false

var names = loadJsonContent('./abbreviations.json')
var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var databaseName = 'backend'
var recordsContainer = 'records'
var uploadsContainer = 'uploads'
var renditionsContainer = 'renditions'
var packagesContainer = 'packages'

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
var roles = {
  blobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  queueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  tableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
}

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: '${names.resourceGroup}${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: '${names.identity}${token}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: '${names.logAnalytics}${token}'
    insightsName: '${names.applicationInsights}${token}'
    location: location
    tags: tags
    publisherPrincipalId: identity.outputs.principalId
  }
}

// The runtime's own account: deployment packages, function keys, timer leases, and the queues and tables of Durable
// Functions. It is apart from the media so that a busy task hub and the uploads of clients do not share limits, and
// so that no URL ever signed for a client points into the account that holds the code.
module hostStorage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: '${names.storage}host${token}'
    location: location
    tags: tags
    containers: [packagesContainer]
    principalId: identity.outputs.principalId
    // What the runtime and the Azure Storage provider of Durable Functions ask for:
    // https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
    roleIds: [roles.blobDataOwner, roles.queueDataContributor, roles.tableDataContributor]
  }
}

module mediaStorage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: '${names.storage}media${token}'
    location: location
    tags: tags
    containers: [uploadsContainer, renditionsContainer]
    uploadOrigins: empty(uploadOrigins) ? [] : map(split(uploadOrigins, ','), origin => trim(origin))
    principalId: identity.outputs.principalId
    // Blob Data Owner rather than Contributor: the blob trigger asks for it. It signs upload URLs too (user delegation
    // key). The trigger puts what it gives up on into a poison queue of this account.
    roleIds: [roles.blobDataOwner, roles.queueDataContributor]
  }
}

module uploads 'modules/uploads.bicep' = {
  scope: group
  params: {
    storageAccountName: mediaStorage.outputs.name
    topicName: '${names.eventGridTopic}${token}'
    location: location
    tags: tags
  }
}

module cosmos 'modules/cosmos.bicep' = {
  scope: group
  params: {
    name: '${names.cosmos}${token}'
    location: location
    tags: tags
    databaseName: databaseName
    containerName: recordsContainer
    principalId: identity.outputs.principalId
  }
}

module keyVault 'modules/keyvault.bicep' = {
  scope: group
  params: {
    name: '${names.keyVault}${token}'
    location: location
    tags: tags
    recover: recoverKeyVault
    principalId: identity.outputs.principalId
  }
}

module api 'modules/functions.bicep' = {
  scope: group
  params: {
    name: '${names.functionApp}${token}'
    planName: '${names.plan}${token}'
    location: location
    tags: tags
    serviceName: 'api'
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    hostStorageName: hostStorage.outputs.name
    packagesUrl: '${hostStorage.outputs.blobEndpoint}${packagesContainer}'
    insightsName: monitoring.outputs.insightsName
    instanceMemory: instanceMemory
    maximumInstances: maximumInstances
    alwaysReadyInstances: alwaysReadyInstances
    settings: {
      Auth__Authority: authAuthority
      Auth__Audience: authAudience
      Cosmos__Endpoint: cosmos.outputs.endpoint
      Cosmos__Database: databaseName
      Cosmos__Container: recordsContainer
      // The same section is the connection of the change feed's trigger; these are the runtime's own names.
      Cosmos__accountEndpoint: cosmos.outputs.endpoint
      Cosmos__credential: 'managedidentity'
      Cosmos__clientId: identity.outputs.clientId
      ChangeFeedDatabase: databaseName
      ChangeFeedContainer: recordsContainer
      Blobs__Endpoint: mediaStorage.outputs.blobEndpoint
      // The same section is the blob trigger's connection (`Connection = "Blobs"`); these are the runtime's own names.
      Blobs__blobServiceUri: mediaStorage.outputs.blobEndpoint
      Blobs__queueServiceUri: mediaStorage.outputs.queueEndpoint
      Blobs__credential: 'managedidentity'
      Blobs__clientId: identity.outputs.clientId
      KeyVault__Endpoint: keyVault.outputs.endpoint
      KeyVault__Secret: keyVault.outputs.encryptionKeyName
      Signing__Keys__0: '@Microsoft.KeyVault(SecretUri=${keyVault.outputs.signingKeyUri})'
    }
  }
}

// azd keeps outputs in the environment; the post-deploy hook reads them there.
output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_KEY_VAULT_NAME string = keyVault.outputs.name
output API_NAME string = api.outputs.name
output API_URL string = api.outputs.url
output UPLOAD_CONTAINER string = uploadsContainer
output UPLOAD_FUNCTION string = uploadFunctionName
output UPLOAD_TOPIC string = uploads.outputs.topicName
