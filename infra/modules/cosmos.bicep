param name string
param location string
param tags object
param databaseName string
param containerName string

@description('The identity that may read and write records.')
param principalId string

// Cosmos DB Built-in Data Contributor: items, queries, change feed and metadata; it cannot create or drop containers.
// https://learn.microsoft.com/azure/cosmos-db/nosql/reference-data-plane-security
var dataContributor = '00000000-0000-0000-0000-000000000002'

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-04-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    capabilities: [{ name: 'EnableServerless' }]
    locations: [{ locationName: location, failoverPriority: 0, isZoneRedundant: false }]
    // Sync promises that a client's acknowledged write is in its next pull, which another instance may serve, without
    // the session token of the one that wrote. In one region strong consistency costs no latency, only twice the
    // request units of a read; a read that can do with less may ask for less.
    consistencyPolicy: { defaultConsistencyLevel: 'Strong' }
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: { tier: 'Continuous7Days' }
    }
    disableKeyBasedMetadataWriteAccess: true
    disableLocalAuth: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: 'Enabled'
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-04-15' = {
  parent: account
  name: databaseName
  properties: { resource: { id: databaseName } }
}

resource records 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = {
  parent: database
  name: containerName
  properties: {
    resource: {
      id: containerName
      partitionKey: { paths: ['/scope'], kind: 'Hash', version: 2 }
      // The orders that the model declares; `dotnet run --project Local -- cosmos-indexes` writes the file.
      indexingPolicy: loadJsonContent('../cosmos-indexes.json')
      // On, without a default: an item expires only if it says so itself (tombstones do).
      defaultTtl: -1
    }
  }
}

// Where the change feed's trigger keeps how far it has come; it expects this partition key.
resource leases 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = {
  parent: database
  name: 'leases'
  properties: {
    resource: {
      id: 'leases'
      partitionKey: { paths: ['/id'], kind: 'Hash', version: 2 }
    }
  }
}

// On the account, which holds this one database: what metadata may be read goes by the scope of the assignment, and
// the SDK starts with the account's own.
resource assignment 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = {
  parent: account
  name: guid(account.id, principalId, dataContributor)
  properties: {
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
    principalId: principalId
    scope: account.id
  }
}

output endpoint string = account.properties.documentEndpoint
