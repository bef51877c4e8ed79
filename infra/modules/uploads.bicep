// What happens to an upload without the app: it is announced, and it goes away if nobody wants it.
param storageAccountName string
param containerName string
param topicName string
param abandonedAfterDays int
param location string
param tags object

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: storageAccountName
}

// An original is kept for as long as its media record, so age alone must not delete anything here. An upload counts as
// abandoned while it carries the index tag `state=pending`: the upload URL has the client send it (`x-ms-tags`, with
// the tag permission in the signature), and processing clears it. Without the tag the rule touches nothing. Blocks that
// were never committed are not blobs yet; storage itself drops them after a week.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'delete-abandoned-uploads'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: ['${containerName}/']
              blobIndexMatch: [{ name: 'state', op: '==', value: 'pending' }]
            }
            actions: {
              baseBlob: {
                delete: { daysAfterCreationGreaterThan: abandonedAfterDays }
              }
            }
          }
        }
      ]
    }
  }
}

// The subscription to this topic needs a key of the running app: see upload-events.bicep.
resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: topicName
  location: location
  tags: tags
  properties: {
    source: account.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

output topicName string = topic.name
