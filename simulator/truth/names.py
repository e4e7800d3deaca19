"""Invented names, among them those that break careless readers (Null, NA, apostrophes, accents, hyphens)."""

FORENAMES = (
    "Ada Aisha Alfie Amara Amelia Anya Archie Arjun Ava Ayaan Bella Ben Caleb Callum Chloe Clara Daisy Daniel Dilan Dylan Eden Edith "
    "Elijah Eliza Ella Emil Emily Erin Esme Ethan Eva Evie Ezra Faith Farah Felix Finlay Florence Frank Freya Gabriel Grace Hana Hanna "
    "Harley Harris Harvey Hassan Hazel Heidi Hugo Ibrahim Imogen Iris Isaac Isla Ivy Jack Jacob Jada James Jasmine Jaya Jessica Joel "
    "Jonah Josie Jude Kaja Karam Keira Kian Kiran Lacey Layla Leo Leon Lewis Liam Lily Logan Lola Lucas Lucy Luna Lyla Maja Maisie "
    "Malik Martha Mason Matilda Max Maya Mia Mila Milan Mohammed Molly Musa Nadia Nathan Nia Noah Nora Oliver Olivia Omar Orla Oscar "
    "Otis Owen Penny Phoebe Poppy Priya Quinn Ravi Reuben Riley Robin Ronnie Rory Rosa Rosie Ruby Saira Samir Samuel Sara Sienna Simran "
    "Skye Sofia Sonny Stan Tariq Thea Theo Toby Umar Uma Vera Violet Wanda Will Willow Xander Yasmin Yusuf Zain Zara Zoë Chloé Łukasz "
    "José Siân Jürgen Anaïs Réka Søren"
).split()
SURNAMES = (
    "Abbot Adeyemi Ahmed Akhtar Alder Ali Allcroft Anand Appleyard Arkle Ashdown Atwal Bains Baker Bano Barrow Basra Begum Bello Birch "
    "Blackwell Bloom Boateng Bramley Brook Bui Burrows Byrne Carver Cassidy Chahal Chand Chapman Choudhury Clay Cole Coyle Croft Dada "
    "Dale Darby Dhillon Diaz Doyle Drake Dube Eames Eccles Edge Ellery Emerson Fairley Farooq Fenn Fisher Flint Forde Foster Fox Frost "
    "Garbett Gill Goodall Grange Gray Gupta Haider Hale Hall Hanif Harker Hart Hayer Heath Hollis Hope Horvat Hussain Hyde Ilyas Ingle "
    "Iqbal Jagger Jain Jarvis Johal Kaczmarek Kane Kapoor Kaur Keane Kelly Khan Kidd Kovac Kumar Lacey Lal Lamb Larkin Lawal Leigh Lis "
    "Lloyd Lowe Mahmood Mann Marsh Mehta Mellor Mensah Mills Mistry Moon Moss Musa Nair Nash Nazir Neale Newell Nowak Oakes Obi Okafor "
    "Olsen Owusu Pall Parmar Patel Peake Pell Petrov Pike Plum Pope Popescu Quayle Rahman Rana Reed Rhodes Rice Roy Sage Sahota Sandhu "
    "Savage Sethi Shah Sharp Singh Slack Small Sohal Spence Stone Swan Talbot Tanner Teal Thorne Toor Tran Udall Uppal Vale Varga Virk "
    "Wade Walsh Ward Webb West Wilde Wójcik Wolfe Wren Yates Young Zaman Zielinski O'Brien O'Connor D'Souza Ó-Súilleabháin Smith-Jones "
    "Khan-Baker Müller Núñez Null NA True None"
).split()
