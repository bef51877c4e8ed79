param name string
param location string
param tags object

// User-assigned, so that every role is in place before the app starts for the first time: a system-assigned identity
// exists only once the app does, and the app cannot fetch its package without the role.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

output id string = identity.id
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
