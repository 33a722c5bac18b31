"""The data of Microsoft's Northwind sample database (see NOTICE beside this file) as rows of the gateway."""
